internal import Snapshot

extension Collector {
    /// The agent about itself.
    static let agent = Collector(
        level: nil,
        families: [
            MetricFamily("energyd.build", .info, .none, "The agent's version.", attributes: ["version"]) {
                exposition, out in
                out.add(exposition.snapshot.agent.version, .integer(1))
            },
            MetricFamily(
                "energyd.accounting", .info, .none,
                "How CPU time is accounted: ebpf (by kernel programs), ebpf-batch (the same on kernels before 5.19) or "
                    + "procfs (from cpu.stat and /proc).", attributes: ["tier", "reason"]
            ) { exposition, out in
                out.add(exposition.snapshot.tier, exposition.snapshot.tierReason, .integer(1))
            },
            MetricFamily(
                "energyd.agent.cpu.time", .counter, .seconds, "CPU time that the agent itself used."
            ) { exposition, out in out.add(.real(exposition.snapshot.agent.cpuSeconds)) },
            MetricFamily("energyd.agent.memory", .gauge, .bytes, "Resident memory of the agent.") { exposition, out in
                let bytes = exposition.snapshot.agent.residentBytes
                if bytes > 0 { out.add(.integer(bytes)) }
            },
            MetricFamily(
                "energyd.agent.cgroups.folded", .gauge, .count("cgroup"),
                "Cgroups that are not shown by themselves, but added up as (other); see docs/security.md."
            ) { exposition, out in
                if let count = exposition.snapshot.agent.cgroupsFolded { out.add(.integer(UInt64(count))) }
            },
            MetricFamily(
                "energyd.agent.tick.duration", .gauge, .seconds, "Duration of the last tick, by phase.",
                attributes: ["phase"]
            ) { exposition, out in
                out.add("drain", .real(exposition.snapshot.agent.drainSeconds))
                out.add("names", .real(exposition.snapshot.agent.namingSeconds ?? 0))
                out.add("all", .real(exposition.snapshot.agent.tickSeconds))
            },
            MetricFamily(
                "energyd.agent.last_tick.timestamp", .gauge, .seconds, "End of the last window, Unix time."
            ) { exposition, out in out.add(.real(exposition.snapshot.unixTime)) },
            MetricFamily(
                "energyd.web.certificate.expiry.timestamp", .gauge, .seconds,
                "End of the web server's certificate, Unix time; only with TLS."
            ) { exposition, out in
                if let time = exposition.snapshot.agent.certificateExpiryUnixTime { out.add(.real(time)) }
            },
            MetricFamily("energyd.agent.ticks", .counter, .count("tick"), "Ticks since the start.") {
                exposition, out in
                out.add(.integer(exposition.snapshot.sequence))
            },
            MetricFamily(
                "energyd.agent.late.ticks", .counter, .count("tick"),
                "Ticks that came more than half an interval late."
            ) { exposition, out in out.add(.integer(exposition.snapshot.agent.lateTicks)) },
            MetricFamily(
                "energyd.agent.faults", .counter, .count("fault"),
                "Events lost, skipped or corrected, by kind; see docs/operations.md.", attributes: ["kind"]
            ) { exposition, out in
                for (kind, count) in exposition.snapshot.agent.faults.sorted(by: { $0.key < $1.key }) {
                    out.add(kind, .integer(count))
                }
            },
            MetricFamily(
                "energyd.agent.notices", .gauge, .count("notice"),
                "Conditions that degrade the agent; the JSON snapshot lists each with its remedy."
            ) { exposition, out in out.add(.integer(UInt64(exposition.snapshot.agent.notices.count))) },
        ], origin: .process)
}
