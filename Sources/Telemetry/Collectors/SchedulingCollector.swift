internal import Snapshot

extension WorkloadKind {
    /// Scheduling of the workloads. Figures that are nil are not known on this node and left out.
    var scheduling: [MetricFamily] {
        // Only a cgroup has files to read the rest from.
        running + (name == "namespace" ? [] : files)
    }

    private var running: [MetricFamily] {
        [
            family(
                "context_switches",
                "Context switches out of threads of \(words): voluntary, or involuntary (preempted).", ["mode"],
                unit: .count("switch")
            ) { rows, row, out in
                out.add(rows[row].labels, "voluntary", .integer(rows[row].scheduling.voluntarySwitches))
                out.add(rows[row].labels, "involuntary", .integer(rows[row].scheduling.involuntarySwitches))
            },
            family("cpu.wait.time", "Time that threads of \(words) were runnable but waited for a CPU.") {
                rows, row, out in
                out.add(rows[row].labels, .real(rows[row].scheduling.waitSeconds))
            },
            family("cpu.wait.duration", "Waits for a CPU by duration; only with --scheduling.", type: .histogram) {
                rows, row, out in
                guard let counts = rows[row].scheduling.waitCounts else { return }
                let sum = rows[row].scheduling.waitSeconds
                out.add(rows[row].labels, .histogram(bounds: Snapshot.waitBounds, counts: counts, sum: sum))
            },
            family(
                "cpu.shared_core.time",
                "CPU time of \(words) while the core's other hardware thread was busy too; only with SMT."
            ) { rows, row, out in
                if let seconds = rows[row].scheduling.sharedCoreSeconds { out.add(rows[row].labels, .real(seconds)) }
            },
            named(
                "cpu.class.time", "CPU time of \(words) by class of core, where there are several.", "cpu.class"
            ) {
                $0[$1].scheduling.cpuSecondsByClass
            } _: {
                .real($0)
            },
            named(
                "hardware.events", "Hardware events of \(words), where they are counted.", "event",
                unit: .count("event")
            ) {
                $0[$1].scheduling.events
            } _: {
                .integer($0)
            },
        ]
    }

    private var files: [MetricFamily] {
        [
            family("cpu.throttled.time", "Time that \(words) was throttled by its CPU quota.") {
                rows, row, out in
                if let seconds = rows[row].scheduling.throttledSeconds { out.add(rows[row].labels, .real(seconds)) }
            },
            family(
                "cpu.throttled.periods", "Periods in which \(words) was throttled by its CPU quota.",
                unit: .count("period")
            ) { rows, row, out in
                if let periods = rows[row].scheduling.throttledPeriods {
                    out.add(rows[row].labels, .integer(periods))
                }
            },
            named(
                "pressure.time",
                "Time that tasks of \(words) were stalled waiting for a resource; only with --scheduling.", "resource"
            ) {
                $0[$1].scheduling.pressureSeconds
            } _: {
                .real($0)
            },
        ]
    }

    /// Adds the samples of one row. Takes all rows, because extracting one would copy all its figures.
    private typealias Samples = @Sendable ([Exposition.Scheduled], Int, any MetricEncoder) -> Void

    private func family(
        _ suffix: String, _ help: String, _ more: [String] = [], type: Metric.Kind = .counter,
        unit: MetricUnit = .seconds, _ samples: @escaping Samples
    ) -> MetricFamily {
        let kind = name
        return MetricFamily("energyd.\(kind).\(suffix)", type, unit, help, attributes: attributes + more) {
            exposition, out in
            let rows = exposition.scheduled(kind)
            for row in rows.indices {
                out.setStart(rows[row].since)
                samples(rows, row, out)
            }
        }
    }

    /// One series for each name, in alphabetical order.
    private func named<Value>(
        _ suffix: String, _ help: String, _ attribute: String, unit: MetricUnit = .seconds,
        _ values: @escaping @Sendable ([Exposition.Scheduled], Int) -> NamedValues<Value>?,
        _ value: @escaping @Sendable (Value) -> MetricValue
    ) -> MetricFamily {
        let kind = name
        return MetricFamily(
            "energyd.\(kind).\(suffix)", .counter, unit, help, attributes: attributes + [attribute]
        ) { exposition, out in
            let rows = exposition.scheduled(kind)
            var order = NameOrder([])
            for row in rows.indices {
                guard let named = values(rows, row) else { continue }
                if order.wanted.count != named.count || order.places(in: named.names).contains(nil) {
                    order = NameOrder(named.names.sorted())
                }
                out.setStart(rows[row].since)
                for case let place? in order.places(in: named.names) {
                    out.add(rows[row].labels, named.names[place], value(named.values[place]))
                }
            }
        }
    }
}
