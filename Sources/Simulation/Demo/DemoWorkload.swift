/// What runs on the simulated node, and how busy it is when.
struct DemoWorkload: Sendable {
    /// When it is there.
    enum Presence: Sendable {
        case always
        /// Every night from an hour on, for so many hours: a job, each time another pod.
        case nightly(from: Double, hours: Double)
        /// From Monday to Friday.
        case workdays(from: Double, hours: Double)
    }

    /// How the CPUs that it uses follow the time of day.
    enum Rhythm: Sendable {
        case steady
        /// Most at noon and in the evening, half of it at weekends.
        case visitors
        /// As much as it gets.
        case busy
    }

    var namespace: String
    var name: String
    /// `Deployment`, `StatefulSet`, `DaemonSet` or `Job`.
    var ownerKind: String
    var team: String
    var image: String
    /// Pods of it on this node.
    var replicas = 1
    /// CPUs of one pod at its busiest.
    var cpus: Double
    var presence = Presence.always
    var rhythm = Rhythm.steady

    static let all = [
        DemoWorkload(
            namespace: "shop", name: "web", ownerKind: "Deployment", team: "storefront", image: "shop/web:4.2",
            replicas: 3, cpus: 0.9, rhythm: .visitors),
        DemoWorkload(
            namespace: "shop", name: "checkout", ownerKind: "Deployment", team: "payments", image: "shop/checkout:2.0",
            replicas: 2, cpus: 0.6, rhythm: .visitors),
        DemoWorkload(
            namespace: "shop", name: "search", ownerKind: "StatefulSet", team: "storefront", image: "opensearch:2",
            cpus: 1.1, rhythm: .visitors),
        DemoWorkload(
            namespace: "shop", name: "cache", ownerKind: "StatefulSet", team: "storefront", image: "valkey:8",
            cpus: 0.15),
        DemoWorkload(
            namespace: "data", name: "postgres", ownerKind: "StatefulSet", team: "platform", image: "postgres:17",
            cpus: 0.7, rhythm: .visitors),
        DemoWorkload(
            namespace: "data", name: "nightly-export", ownerKind: "Job", team: "analytics", image: "data/export:1.9",
            cpus: 3.5, presence: .nightly(from: 1.5, hours: 2.25), rhythm: .busy),
        DemoWorkload(
            namespace: "ml", name: "training", ownerKind: "Job", team: "research", image: "ml/train:0.7", cpus: 5,
            presence: .workdays(from: 13, hours: 4.5), rhythm: .busy),
        DemoWorkload(
            namespace: "ml", name: "notebook", ownerKind: "StatefulSet", team: "research", image: "jupyter:5",
            cpus: 0.3,
            presence: .workdays(from: 8, hours: 10)),
        DemoWorkload(
            namespace: "staging", name: "web", ownerKind: "Deployment", team: "storefront", image: "shop/web:4.3-rc1",
            cpus: 0.12),
        DemoWorkload(
            namespace: "staging", name: "forgotten-test", ownerKind: "Deployment", team: "storefront",
            image: "shop/loadtest:1", cpus: 0.8, rhythm: .busy),
        DemoWorkload(
            namespace: "monitoring", name: "prometheus", ownerKind: "StatefulSet", team: "platform",
            image: "prometheus:3", cpus: 0.25),
        DemoWorkload(
            namespace: "kube-system", name: "coredns", ownerKind: "Deployment", team: "platform", image: "coredns:1.12",
            replicas: 2, cpus: 0.04),
        DemoWorkload(
            namespace: "kube-system", name: "kube-proxy", ownerKind: "DaemonSet", team: "platform",
            image: "kube-proxy:1.33", cpus: 0.02),
    ]

    /// Units of the host: path and CPUs.
    static let units = [
        ("/system.slice/containerd.service", 0.09), ("/system.slice/kubelet.service", 0.12),
        ("/system.slice/systemd-journald.service", 0.015), ("/system.slice/ssh.service", 0.004),
    ]

    /// When it runs, counted from the beginning of a day: the run that is under way, as the day that it began on.
    ///
    /// - Parameters:
    ///   - day: days since a Monday.
    ///   - hour: of the day, 0 to 24.
    func run(day: Int, hour: Double) -> Int? {
        switch presence {
        case .always: 0
        case .nightly(let start, let length): hour >= start && hour < start + length ? day : nil
        case .workdays(let start, let length):
            day % 7 < 5 && hour >= start && hour < start + length ? day : nil
        }
    }

    /// CPUs that a pod of it uses.
    ///
    /// - Parameter noise: 0 to 1.
    func load(day: Int, hour: Double, noise: Double) -> Double {
        switch rhythm {
        case .busy: cpus * (0.93 + 0.07 * noise)
        case .steady: cpus * (0.7 + 0.3 * noise)
        case .visitors: cpus * Self.visitors(day: day, hour: hour) * (0.75 + 0.25 * noise)
        }
    }

    /// 0 to 1.
    private static func visitors(day: Int, hour: Double) -> Double {
        func peak(_ at: Double, _ width: Double) -> Double {
            let distance = abs(hour - at)
            return max(0, 1 - distance * distance / (width * width))
        }
        let share = 0.12 + 0.5 * peak(12.5, 5) + 0.75 * peak(20, 3.5)
        return min(1, day % 7 < 5 ? share : share * 0.55)
    }
}
