internal import Accounting
internal import Attribution
internal import Impact
internal import Names

extension Setting {
    package static let interval = time(
        "sample.interval", \.interval, in: .milliseconds(100) ... .seconds(60), help: "Time between two samples.")

    package static let retention = time(
        "retention", \.retention, help: "How long a workload stays visible after it has ended.")

    package static let stateFile = path(
        "state.file", \.stateFile,
        help: "File that keeps the totals across restarts of the agent, until the next boot. Without it counters start "
            + "at zero.")

    package static let nodeName = value(
        "node.name", \.nodeName, valueName: "name", help: "Name of the node.",
        defaultText: "$NODE_NAME, else the host name", show: { $0.isEmpty ? nil : $0 }, parse: nonempty)

    package static let tier = choice(
        "tier", \.accounting.tier,
        help: "How CPU time is accounted: ebpf (by kernel programs), ebpf-batch (the same on kernels before 5.19), "
            + "procfs (from cpu.stat and /proc); auto takes the first of them that works on this machine.")

    package static let processes = choice(
        "processes", \.accounting.processes,
        help: "Account per process too; auto: only on a node without containers.")

    package static let processLimit = integer(
        "processes.max", \.accounting.processLimit, in: 1...1_000_000,
        help: "Capacity of the kernel's process table.")

    package static let cgroupLimit = integer(
        "cgroups.max", \.accounting.cgroupLimit, in: 16...1_000_000,
        help: "Limit to which the kernel's cgroup table may grow. CPU time of further cgroups is unattributed.")

    package static let tracksWaits = toggle(
        "scheduling", \.accounting.tracksWaits,
        help: "Per workload, keep a histogram of how long threads waited for a CPU, and pressure (PSI).")

    package static let counters = choice(
        "counters", \.accounting.counters,
        help: "Hardware counters (cycles, instructions, cache misses) per workload; auto: where the machine has them; "
            + "software: software events in their place, to try them out.")

    package static let counterBudget = integer(
        "counters.budget", \.accounting.counterBudget, in: 1...1_000_000, valueName: "ns",
        help: "Time in ns that reading the counters may take per context switch. Where it takes longer, only some "
            + "switches are counted and the rest is extrapolated.")

    package static let attribution = choice(
        "attribution", \.attribution.method,
        help: "How dynamic energy is divided among workloads; auto learns from the meter, and uses CPU time until it "
            + "has learned enough.")

    package static let staticPolicy = choice(
        "attribution.static", \.attribution.staticPolicy,
        help: "Which workloads are charged for the power that the node draws at rest; none: it is shown as idle.")

    package static let names = value(
        "names", \.names, valueName: "list",
        help: "Where names are looked up besides the cgroup path: logs (the kubelet's directories), "
            + LocalSource.allCases.map(\.rawValue).joined(separator: ", ") + "; separated by commas, or none.",
        show: \.text
    ) { (text) throws(Refusal) in
        guard let names = NameSelection(text: text) else {
            let known = (["logs"] + LocalSource.allCases.map(\.rawValue)).joined(separator: ", ")
            throw Refusal("\(quoted(text)) is not a list of \(known), separated by commas, or none")
        }
        return names
    }

    package static let carbonZone = value(
        "carbon.zone", \.carbon.zone, valueName: "code",
        help: "Country of the node (DE, FRA, US, ...), for the mean carbon intensity of its electricity. "
            + "Without it and carbon.intensity, the world's mean is used.", show: \.self
    ) { (text) throws(Refusal) in
        guard CarbonIntensity.country(text) == nil else { return text }
        let near = CarbonIntensity.suggestions(for: text)
        throw Refusal(
            "\(quoted(text)) is not in the table of countries: use an ISO 3166-1 code such as DE or FRA, or set "
                + "carbon.intensity" + (near.isEmpty ? "" : "; did you mean \(near.joined(separator: ", "))?"))
    }

    package static let carbonIntensity = value(
        "carbon.intensity", \.carbon.intensity, valueName: "g/kWh",
        help: "Carbon intensity of the node's electricity, in gCO2e per kWh.", show: { $0.map { "\($0)" } }
    ) { (text) throws(Refusal) in
        guard let number = Double(text), (0...5000).contains(number) else {
            throw Refusal("\(quoted(text)) is not a number between 0 and 5000 gCO2e per kWh")
        }
        return number
    }

    package static let pue = value(
        "carbon.pue", \.carbon.pue, valueName: "factor",
        help: "Power usage effectiveness of the site: energy of the whole site divided by that of its machines.",
        show: { "\($0)" }
    ) { (text) throws(Refusal) in
        guard let number = Double(text), (1...10).contains(number) else {
            throw Refusal("\(quoted(text)) is not a number between 1 and 10; at least 1, typical sites have 1.1 to 1.6")
        }
        return number
    }

    package static let price = value(
        "price.per-kwh", \.carbon.price, valueName: "amount",
        help: "What a kWh costs at the wall, with the currency, such as 0.32EUR: for the history and energyctl report.",
        defaultText: "none", show: { $0?.description }
    ) { (text) throws(Refusal) in
        guard let price = EnergyPrice(text: text) else {
            throw Refusal("\(quoted(text)) is not a price: write a number and the currency's three letters: 0.32EUR")
        }
        return price
    }
}
