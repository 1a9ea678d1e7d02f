extension Pod {
    /// What the scheduler keeps free on the node for the pod, in the unit of the resource; nil where nothing is requested.
    ///
    /// - Init containers run one after the other, each beside those that were started before it and keep running; then
    ///   all containers run beside these. The most that is needed at any time counts.
    /// - Where a pod has requests of its own, they replace those of its containers.
    /// - While a change is under way, the larger of the old and the new counts; the old one where the new is not possible.
    /// - The overhead of the runtime class is added.
    /// - Once all its containers have ended for good, nothing is kept.
    ///
    /// Source: k8s.io/component-helpers/resource, `PodRequests`, as the scheduler calls it.
    func request(_ resource: String) -> Double? {
        guard status?.phase != "Succeeded", status?.phase != "Failed" else { return nil }
        let ofContainers = statuses(status?.containerStatuses)
        var running = (spec?.containers ?? []).reduce(0) { $0 + amount(resource, of: $1, ofContainers) }
        let ofInit = statuses(status?.initContainerStatuses)
        var lasting = 0.0
        var starting = 0.0
        for container in spec?.initContainers ?? [] {
            let isLasting = container.restartPolicy == "Always"
            let own = isLasting ? amount(resource, of: container, ofInit) : container.resources?.amount(resource) ?? 0
            if isLasting {
                running += own
                lasting += own
            }
            starting = max(starting, isLasting ? lasting : lasting + own)
        }
        var needed = max(running, starting)
        if let whole = spec?.resources?.requests?[resource]?.amount {
            needed = settled(whole, status?.allocatedResources?[resource]?.amount, status?.resources, resource)
        }
        needed += spec?.overhead?[resource]?.amount ?? 0
        // Amounts are decimal: a sum of three tenths is not 0.30000000000000004.
        if needed < 1_000_000 { needed = (needed * 1e9).rounded() / 1e9 }
        return needed > 0 ? needed : nil
    }

    private func statuses(_ list: [ContainerStatus]?) -> [String: ContainerStatus] {
        Dictionary((list ?? []).compactMap { status in status.name.map { ($0, status) } }) { $1 }
    }

    private func amount(
        _ resource: String, of container: Container, _ statuses: [String: ContainerStatus]
    ) -> Double {
        let wanted = container.resources?.amount(resource) ?? 0
        guard let status = container.name.flatMap({ statuses[$0] }) else { return wanted }
        return settled(wanted, status.allocatedResources?[resource]?.amount, status.resources, resource)
    }

    /// What counts while the requests change. Where nothing says what applies at present, only what is wanted does.
    private func settled(
        _ wanted: Double, _ allocated: Double?, _ resources: Resources?, _ resource: String
    ) -> Double {
        let actual = resources?.requests?[resource]?.amount
        guard resources != nil, allocated != nil || actual != nil else { return wanted }
        let present = max(allocated ?? 0, actual ?? 0)
        return isInfeasible ? present : max(wanted, present)
    }

    /// True where the node refused the requests that the pod should have.
    private var isInfeasible: Bool {
        status?.resize == "Infeasible"
            || (status?.conditions ?? []).contains { $0.type == "PodResizePending" && $0.reason == "Infeasible" }
    }
}

extension Pod.Resources {
    fileprivate func amount(_ resource: String) -> Double { requests?[resource]?.amount ?? 0 }
}

extension Quantity {
    /// nil for what cannot be parsed.
    var amount: Double? { value.isFinite ? max(0, value) : nil }
}
