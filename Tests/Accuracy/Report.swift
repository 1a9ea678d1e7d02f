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

        Made by `make accuracy` from recordings of real machines; the types that were measured are those that the agent
        uses (`Sources/Energy`). [model.md](model.md) explains the maths.

        ## Attribution between co-located workloads

        Two recordings of server workloads (CloudSuite), each of which had the machine to itself, are added up: node =
        idle + what each drew beyond it. The attributor gets the watts of the sum and each one's CPU time, cycles,
        instructions and cache misses, row by row (2 s), and nothing else; its answer for a row is final. Score: share of
        the dynamic energy of a pair that it gave to the wrong one; mean and worst over all pairs. The sum is additive by
        construction: this says nothing about contention. `auto` was given the idle power that the others were given.

        \(attributionTable(.life, """
            **One agent lives through all pairs**, one after the other, in five orders (all of them count, the first pairs
            too). This is what a node sees: workloads come and go, and each mix tells more about those that it shares with
            others. These are the figures of the JSON file.
            """))

        \(attributionTable(.pieces, """
            **The same, but no row is used twice:** each recording is cut into pieces, one for each of its partners. It
            shows that `auto` does not merely recognise rows that it has seen in another sum. The pieces are shorter and
            differ, which is harder for every method.
            """))

        \(attributionTable(.fresh, """
            **A new agent for every pair**, which has never seen anything else: the worst case of a node that was just
            started. Within one mix the parts of a sum cannot be told apart well; most of the gain is not to be had.
            """))

        **`auto` without hardware counters**, from CPU time alone, which is what an agent has where cycles and the rest are
        not counted:

        | machine | all pairs: mean | worst | pieces: mean | worst | new agent: mean | worst |
        |---|---:|---:|---:|---:|---:|---:|
        \(machines.map { "| \($0.name) | \(cells($0.plain)) |" }.joined(separator: "\n"))

        **The idle power not given**, but learned from the quietest windows, as the agent has to. Here the dynamic energy
        itself is uncertain; where a pair draws a watt or two beyond 150 W of idle, its parts drown in that.

        | machine | method | all pairs: mean | worst | pieces: mean | worst | new agent: mean | worst |
        |---|---|---:|---:|---:|---:|---:|---:|
        \(machines.map { machine in
            "| \(machine.name) | auto | \(cells(machine.unaided)) |\n"
                + "| \(machine.name) | cpu-time | \(cells(machine.unaidedTime)) |"
        }.joined(separator: "\n"))

        How far one could get with these features: the same regression after it was shown every workload alone, which no
        node can have. With one set of coefficients for all workloads, and with one for each:

        | machine | oracle, common: mean | worst | oracle, own: mean | worst |
        |---|---:|---:|---:|---:|
        \(machines.map { machine in
            "| \(machine.name) | \(percent(machine.oracleCommon.mean)) | \(percent(machine.oracleCommon.worst)) "
                + "| \(percent(machine.oracleOwn.mean)) | \(percent(machine.oracleOwn.worst)) |"
        }.joined(separator: "\n"))

        ## Estimate without a meter

        Watts from the CPU's name, its threads, the size of its memory and the load alone, against RAPL of bare-metal
        machines at 0 to 100 % load and under four stressors; all rows count. *Seen*: what the agent says on such a CPU.
        Where it knows the part by these very measurements, that only shows how far the stressors differ. *Never seen*:
        the part is not known by measurements, and the constants that were taken from such machines are taken from the
        others only. *At best*: the least worst error that any estimate from name and load can have, since machines drew
        different watts at the same load.

        Packages:

        | CPU | rows | known by | mean error | worst | inside the band | never seen: mean | worst | inside | at best: worst |
        |---|---:|---|---:|---:|---:|---:|---:|---:|---:|
        \(processors.map { cpu in
            "| \(cpu.curve.cpu.name) | \(cpu.package.errors.count) | \(cpu.basis) | \(cells(cpu.package)) | "
                + (cpu.unseen.map(cells) ?? "| | ")
                + " | \(percent(EstimateScore.leastWorst(cpu.curve.rows) { $0.packageWatts })) |"
        }.joined(separator: "\n"))

        Memory. Beside a CPU that was never seen it is a guess within an order of magnitude, and its band says so: the three
        machines differ by a factor of ten per gigabyte, and memory stress doubles it at the same CPU load.

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
