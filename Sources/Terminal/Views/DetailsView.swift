import Snapshot

/// Everything that is known of one row.
enum DetailsView {
    /// Names stand to the left of this column.
    private static let labelWidth = 20
    /// Of the curve of a zone.
    private static let zoneCells = 16
    private static let zoneSeconds = 120.0

    /// - Parameter previous: the reading before, for rates; nil where there is none.
    static func page(
        _ row: Row, _ snapshot: Snapshot, previous: Snapshot?, timeline: Timeline?, past: PastUse?, width: Int,
        look: Look
    ) -> Page {
        let workload = snapshot.workloads.first { $0.id == row.id }
        let node = NodeRates(snapshot)
        var lines = power(row, node, snapshot, timeline: timeline, width: width, look: look)
        if let day = past?.day(of: row, in: snapshot) { lines += self.day(day, node, width: width, look: look) }
        lines += energy(row, node, Cost(snapshot))
        if let workload {
            lines += zones(workload, snapshot, timeline: timeline, look: look)
            lines += running(workload, previous?.workloads.first { $0.id == row.id }, snapshot, previous)
            lines += naming(workload)
        }
        lines += labels(row)
        return Page(title: "\(row.kind) \(row.name)", lines: lines)
    }

    private static func line(_ name: String, _ text: String, _ style: Style = .plain) -> Line {
        var line = Line("  \(name)", .dim)
        line.pad(to: labelWidth)
        line.append("  \(text)", style)
        return line
    }

    private static func power(
        _ row: Row, _ node: NodeRates, _ snapshot: Snapshot, timeline: Timeline?, width: Int, look: Look
    ) -> [Line] {
        let now = snapshot.unixTime
        var lines = [Line("Power", .bold)]
        let share = node.share(row).map { "  \(Format.percent($0 * 100)) % of the node" } ?? ""
        lines.append(line("shown", "\(node.amount(row.watts)) W\(share)", .bold))
        guard let series = timeline?.series(row.id), series.count > 1 else { return lines }
        for (name, seconds) in [("mean of 10 s", 10.0), ("mean of 1 min", 60), ("mean of 10 min", 600)] {
            guard let mean = series.meanWatts(of: seconds, until: now) else { continue }
            lines.append(line(name, "\(node.amount(mean)) W"))
        }
        let cells = max(10, min(60, width - labelWidth - 4))
        let seconds = min(Timeline.span, max(30, now - (series.points.first?.time ?? now)))
        let powers = series.powers(cells, seconds: seconds, until: now)
        lines.append(line("last \(Format.duration(seconds))", Trend.text(powers, look: look), .green))
        let known = series.points.map(\.watts).filter(\.isFinite)
        if let least = known.min(), let most = known.max() {
            lines.append(line("least, most", "\(node.amount(Double(least))) W, \(node.amount(Double(most))) W"))
        }
        return lines
    }

    /// The last 24 hours, out of the agent's history.
    private static func day(_ day: PastUse.Day, _ node: NodeRates, width: Int, look: Look) -> [Line] {
        let known = day.powers.compactMap(\.self)
        let mean = known.reduce(0, +) / Double(max(1, known.count))
        let whole = day.name.map { ", all of \($0)" } ?? ""
        return [
            line("last 24 h", Trend.text(day.powers, look: look), .green),
            line("", "by hour, mean \(node.amount(mean)) W, most \(node.amount(known.max())) W\(whole)"),
        ]
    }

    private static func energy(_ row: Row, _ node: NodeRates, _ cost: Cost?) -> [Line] {
        var lines = [Line("Energy since the agent started", .bold)]
        lines.append(
            line(
                "energy",
                row.joules == nil ? Format.unknown : "\(Format.joules(row.joules)), \(Format.wattHours(row.joules)) Wh")
        )
        lines.append(line("emissions", "\(Format.quantity(row.grams)) gCO2e"))
        if let cost, let joules = row.joules { lines.append(line("cost", cost.text(joules: joules))) }
        let rates = [
            row.watts.flatMap(node.gramsPerHour).map { "\(node.amount($0)) gCO2e/h" },
            row.watts.flatMap { watts in cost?.text(watts: watts) },
        ].compactMap(\.self)
        if !rates.isEmpty { lines.append(line("at this power", rates.joined(separator: ", "))) }
        return lines
    }

    private static func zones(
        _ workload: Snapshot.Workload, _ snapshot: Snapshot, timeline: Timeline?, look: Look
    ) -> [Line] {
        guard !workload.zones.isEmpty else { return [] }
        let states = Dictionary(snapshot.node.zones.map { ($0.name, $0) }) { first, _ in first }
        return [Line("Zones, dynamic + static energy", .bold)]
            + workload.zones.map { name, energy in
                let parts = [energy.dynamicMicrojoules, energy.staticMicrojoules].map {
                    Format.joules(Double($0) / 1e6)
                }
                let state = states[name]
                let how = [
                    state?.source, state?.dynamicQuality ?? state?.quality,
                    state?.attribution.map { "by \($0.method)" },
                ]
                .compactMap(\.self).joined(separator: ", ")
                var line = line(name, "\(parts[0]) + \(parts[1])")
                if let series = timeline?.zoneSeries(name, of: workload.id), series.count > 1 {
                    let powers = series.powers(zoneCells, seconds: zoneSeconds, until: snapshot.unixTime)
                    line.append("  \(Format.watts(series.last.map { Double($0.watts) })) ")
                    line.append(Trend.text(powers, look: look), .green)
                }
                line.append(how.isEmpty ? "" : "  \(how)")
                return line
            }
    }

    /// How it ran: since the reading before where there is one.
    private static func running(
        _ workload: Snapshot.Workload, _ earlier: Snapshot.Workload?, _ snapshot: Snapshot, _ previous: Snapshot?
    ) -> [Line] {
        var lines = [Line("Running", .bold)]
        lines.append(line("CPUs in use", use(workload)))
        let seconds = previous.map { snapshot.unixTime - $0.unixTime } ?? 0
        guard let new = workload.scheduling else {
            return lines + [line("waits, switches", "not known in tier \(snapshot.tier)")]
        }
        let old = earlier?.scheduling
        func rate(_ value: Double?, _ before: Double?) -> Double? {
            guard let value, let before, seconds > 0, value >= before else { return nil }
            return (value - before) / seconds
        }
        if let waits = rate(new.waitSeconds, old?.waitSeconds) {
            lines.append(
                line("waits for a CPU", "\(Format.quantity(waits * 1000)) ms per second, over all its threads"))
        }
        if let share = rate(new.throttledSeconds, old?.throttledSeconds) {
            let words = share > 0 ? "\(Format.percent(share * 100)) % of the time, by its CPU limit" : "no"
            lines.append(line("throttled", words, share > 0.05 ? .yellow : .plain))
        } else if let total = new.throttledSeconds {
            lines.append(line("throttled", "\(Format.quantity(total)) s since it began"))
        }
        let switches = [
            rate(Double(new.voluntarySwitches), old.map { Double($0.voluntarySwitches) }),
            rate(Double(new.involuntarySwitches), old.map { Double($0.involuntarySwitches) }),
        ].map { Format.estimate($0) }
        lines.append(line("context switches", "\(switches[0]) per second when it waited, \(switches[1]) preempted"))
        for (name, total) in new.pressureSeconds ?? [:] {
            guard let share = rate(total, old?.pressureSeconds?[name]), share > 0.001 else { continue }
            lines.append(line("stalled on \(name)", "\(Format.percent(share * 100)) % of the time"))
        }
        for (name, count) in new.events ?? [:] {
            guard let perSecond = rate(Double(count), old?.events?[name].map(Double.init)) else { continue }
            lines.append(line(name, "\(Format.estimate(perSecond / 1e6)) million per second"))
        }
        return lines
    }

    private static func use(_ workload: Snapshot.Workload) -> String {
        let used = Format.fixed(workload.cpuUsage, digits: 2)
        guard let text = workload.labels["k8s.pod.cpu.request"], let request = Double(text), request > 0 else {
            return used
        }
        return
            "\(used) of \(Format.quantity(request)) requested, \(Format.percent(workload.cpuUsage / request * 100)) %"
    }

    private static func naming(_ workload: Snapshot.Workload) -> [Line] {
        var lines = [Line("Name", .bold), line("id", workload.id)]
        if !workload.cgroupPath.isEmpty { lines.append(line("cgroup", workload.cgroupPath)) }
        if workload.isAwaitingName == true { lines.append(line("named by", "its name may still come", .yellow)) }
        if !workload.isAlive {
            lines.append(line("ended", "its cgroup is gone; shown until the agent forgets it", .yellow))
        }
        if let names = namers(workload) { lines.append(line("named by", names)) }
        return lines
    }

    /// Where its names can only come from.
    private static func namers(_ workload: Snapshot.Workload) -> String? {
        let labels = workload.labels
        var names: [String] = []
        if labels["k8s.owner.name"] != nil {
            names.append("the Kubernetes API")
        } else if labels["k8s.pod.name"] != nil {
            names.append("the kubelet's log directories")
        }
        if let runtime = labels["container.runtime.name"] { names.append("the container runtime \(runtime)") }
        if labels["systemd.unit"] != nil { names.append("systemd") }
        if let system = labels["job.system"] { names.append(system) }
        return names.isEmpty ? nil : names.joined(separator: ", ")
    }

    private static func labels(_ row: Row) -> [Line] {
        guard !row.labels.isEmpty else { return [] }
        return [Line("Labels", .bold)] + row.labels.sorted { $0.key < $1.key }.map { Line("  \($0.key) = \($0.value)") }
    }
}
