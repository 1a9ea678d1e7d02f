import Attribution
import Units

/// The figures as Markdown and as JSON.
struct Report {
    struct MachineFigures {
        let name: String
        let workloads: Int
        /// By method and history; methods that do not learn are the same in the first two.
        var scores: [AttributionMethod: [Colocation.History: Colocation.Score]] = [:]
        /// `auto` with CPU time alone.
        let plain: [Colocation.History: Colocation.Score]
        /// Where the idle power has to be learned, too: `auto` and `cpu-time`.
        let unaided: [Colocation.History: Colocation.Score]
        let unaidedTime: [Colocation.History: Colocation.Score]
        let oracleCommon: Colocation.Score
        let oracleOwn: Colocation.Score
    }

    struct CPUFigures {
        let curve: LoadCurve
        let basis: String
        let package: EstimateScore
        /// As if this CPU had never been measured, calibrated on the other machines alone; nil where there are none.
        let unseen: EstimateScore?
        let memory: EstimateScore
        let unseenMemory: EstimateScore
    }

    var machines: [MachineFigures] = []
    var processors: [CPUFigures] = []

    // MARK: JSON

    /// `{colocation: {MACHINE: {METHOD: {mean, worst}}}, estimate: {CPU_MODEL: {meanError, worstError, insideBand}}}`,
    /// shares of 1. `colocation` is the history `life` with counters and known idle power; other histories and
    /// conditions have keys of their own.
    var json: String {
        let histories: [(String, Colocation.History)] = [
            ("colocation", .life), ("colocationFresh", .fresh), ("colocationPieces", .pieces),
        ]
        var members = histories.map { key, history in
            let ofMachines = machines.map { machine in
                let methods = AttributionMethod.allCases.compactMap { method in
                    machine.scores[method]?[history].map { member(method, $0) }
                }
                return "    \(quoted(machine.name)): {\(methods.joined(separator: ", "))}"
            }
            return "  \"\(key)\": {\n\(ofMachines.joined(separator: ",\n"))\n  }"
        }
        let conditions: [(String, (MachineFigures) -> [(AttributionMethod, Colocation.Score?)])] = [
            ("colocationWithoutCounters", { [(.automatic, $0.plain[.life])] }),
            (
                "colocationLearnedIdle",
                { [(.automatic, $0.unaided[.life]), (.cpuTime, $0.unaidedTime[.life])] }
            ),
        ]
        members += conditions.map { key, scores in
            let ofMachines = machines.map { machine in
                let methods = scores(machine).compactMap { method, score in score.map { self.member(method, $0) } }
                return "    \(quoted(machine.name)): {\(methods.joined(separator: ", "))}"
            }
            return "  \"\(key)\": {\n\(ofMachines.joined(separator: ",\n"))\n  }"
        }
        func figures(_ score: EstimateScore) -> String {
            "\"meanError\": \(score.mean), \"worstError\": \(score.worst), \"insideBand\": \(score.insideBand)"
        }
        let ofProcessors = processors.map { cpu in
            let unseen = cpu.unseen.map { ", \"unseen\": {\(figures($0))}" } ?? ""
            let memory = cpu.memory.errors.isEmpty ? "" : ", \"dram\": {\(figures(cpu.memory))}"
            return "    \(quoted(cpu.curve.cpu.name)): {\(figures(cpu.package))\(unseen)\(memory)}"
        }
        members.append("  \"estimate\": {\n\(ofProcessors.joined(separator: ",\n"))\n  }")
        return "{\n\(members.joined(separator: ",\n"))\n}\n"
    }

    private func member(_ method: AttributionMethod, _ score: Colocation.Score) -> String {
        "\(quoted(method.rawValue)): {\"mean\": \(score.mean), \"worst\": \(score.worst)}"
    }

    private func quoted(_ text: String) -> String {
        let escaped = text.unicodeScalars.map { scalar in
            switch scalar {
            case "\"": "\\\""
            case "\\": "\\\\"
            case _ where scalar.value < 0x20: "?"
            default: String(scalar)
            }
        }
        return "\"\(escaped.joined())\""
    }

    // MARK: Markdown

    var markdown: String {
        """
        # Accuracy

        Written by `make accuracy` from recordings of real machines; the code under test is the agent's own
        (`Sources/Attribution`). [model.md](model.md) explains the maths.

        ## Attribution between co-located workloads

        Two recordings of server workloads (CloudSuite), each made alone on the machine, are added up: node = idle + what
        each drew beyond it. The attributor gets the watts of the sum, and the CPU time, cycles, instructions and cache
        misses of each workload, row by row (2 s), and nothing else; its answer for a row is final. Score: the share of the
        dynamic energy of a pair that was charged to the wrong workload; mean and worst over all pairs. The sum is additive
        by construction: this says nothing about contention. All methods were given the same idle power.

        \(attributionTable(.life, """
            **One agent sees all pairs**, one after the other, in five orders (all rows count, those of the first pairs
            too). This is what a node sees: workloads start and end, and each pair shows more about its workloads. These are
            the figures of the JSON file.
            """))

        \(attributionTable(.pieces, """
            **The same, but no row is used twice:** each recording is cut into pieces, one for each partner. This shows that
            `auto` does not merely recognise rows that it has seen in another sum. The pieces are shorter and differ, which
            is harder for every method.
            """))

        \(attributionTable(.fresh, """
            **A new agent for every pair**, which has never seen anything else: the worst case, a node that has just started.
            As long as the same two workloads run, the parts of their sum can hardly be separated, so most of the gain is
            missing.
            """))

        **`auto` without hardware counters**, from CPU time alone, as on machines where cycles and the others are not
        counted:

        | machine | all pairs: mean | worst | pieces: mean | worst | new agent: mean | worst |
        |---|---:|---:|---:|---:|---:|---:|
        \(machines.map { "| \($0.name) | \(cells($0.plain)) |" }.joined(separator: "\n"))

        **Idle power not given**, but learned from the quietest windows, as the agent has to. Here the dynamic energy itself
        is uncertain; where a pair draws a watt or two beyond 150 W of idle, that uncertainty is larger than its parts.

        | machine | method | all pairs: mean | worst | pieces: mean | worst | new agent: mean | worst |
        |---|---|---:|---:|---:|---:|---:|---:|
        \(machines.map { machine in
            "| \(machine.name) | auto | \(cells(machine.unaided)) |\n"
                + "| \(machine.name) | cpu-time | \(cells(machine.unaidedTime)) |"
        }.joined(separator: "\n"))

        The limit of what these features allow: the same regression after it has seen every workload alone, which no node
        can offer. With one set of coefficients for all workloads, and with one for each:

        | machine | oracle, common: mean | worst | oracle, own: mean | worst |
        |---|---:|---:|---:|---:|
        \(machines.map { machine in
            "| \(machine.name) | \(percent(machine.oracleCommon.mean)) | \(percent(machine.oracleCommon.worst)) "
                + "| \(percent(machine.oracleOwn.mean)) | \(percent(machine.oracleOwn.worst)) |"
        }.joined(separator: "\n"))

        ## Estimate without a meter

        Watts from the CPU's name, its threads, the size of its memory and the load alone, compared with RAPL of bare-metal
        machines at 0 to 100 % load and under four stressors; all rows count. The first columns are the agent's estimate on
        such a CPU. Where it knows the part from these very measurements, that only shows how far the stressors differ.
        *Never seen*: as if the part had never been measured; constants that come from such machines come from the others
        only. *At best*: the smallest worst error that any estimate from name and load can have, because power differed at
        the same load.

        Packages:

        | CPU | rows | known by | mean error | worst | inside the band | never seen: mean | worst | inside | at best: worst |
        |---|---:|---|---:|---:|---:|---:|---:|---:|---:|
        \(processors.map { cpu in
            "| \(cpu.curve.cpu.name) | \(cpu.package.errors.count) | \(cpu.basis) | \(cells(cpu.package)) | "
                + (cpu.unseen.map(cells) ?? "| | ")
                + " | \(percent(EstimateScore.leastWorst(cpu.curve.rows) { $0.packageWatts })) |"
        }.joined(separator: "\n"))

        Memory. Beside a CPU that was never measured this is an order of magnitude, and its band says so: the three machines
        differ by a factor of ten per gigabyte, and memory stress doubles the power at the same CPU load.

        | machine | GB | mean error | worst | inside the band | never seen: mean | worst | inside | at best: worst |
        |---|---:|---:|---:|---:|---:|---:|---:|---:|
        \(processors.filter { !$0.memory.errors.isEmpty }.map { cpu in
            "| \(cpu.curve.machine) | \(Int(cpu.curve.memoryGigabytes ?? 0)) | \(cells(cpu.memory)) | "
                + "\(cells(cpu.unseenMemory)) | "
                + "\(percent(EstimateScore.leastWorst(cpu.curve.rows) { $0.dramWatts })) |"
        }.joined(separator: "\n"))

        """
    }

    private func attributionTable(_ history: Colocation.History, _ text: String) -> String {
        let methods = AttributionMethod.allCases
        let header = methods.map { "\($0.rawValue): mean | worst" }.joined(separator: " | ")
        let rows = machines.map { machine in
            let cells = methods.map { method in
                guard let score = machine.scores[method]?[history] else { return " | " }
                return "\(percent(score.mean)) | \(percent(score.worst))"
            }
            return "| \(machine.name) | \(cells.joined(separator: " | ")) |"
        }
        return """
            \(text)

            | machine | \(header) |
            |---|\(methods.map { _ in "---:|---:|" }.joined())
            \(rows.joined(separator: "\n"))
            """
    }

    private func cells(_ scores: [Colocation.History: Colocation.Score]) -> String {
        let known = Colocation.History.allCases.compactMap { scores[$0] }
        return known.map { "\(percent($0.mean)) | \(percent($0.worst))" }.joined(separator: " | ")
    }

    private func cells(_ score: EstimateScore) -> String {
        "\(percent(score.mean)) | \(percent(score.worst)) | \(percent(score.insideBand))"
    }

    private func percent(_ share: Double) -> String {
        let tenths = Int((share * 1000).rounded())
        return "\(tenths / 10).\(abs(tenths % 10)) %"
    }
}
