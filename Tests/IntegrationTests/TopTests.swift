import Glibc
import History
import Linux
import Snapshot
import TestSupport
import Testing

extension RealKernel {
    /// `energyctl top` in a real terminal.
    @Suite(.enabled(if: Conditions.has("tmux"), "needs tmux")) struct Top {
        /// A tmux server of its own.
        private final class TerminalSession {
            private let name = "energyd-test-\(getpid())-\(UInt32.random(in: 0...9999))"
            private let directory: TemporaryDirectory

            /// - Parameter inShell: typed into a shell with job control, which Ctrl-Z needs.
            init(_ command: String, inShell: Bool = false) throws {
                directory = try TemporaryDirectory()
                // No choices of whoever runs the tests, and none left behind.
                let own = "XDG_CONFIG_HOME=\(directory.path) XDG_CACHE_HOME=\(directory.path) LC_ALL=C.UTF-8"
                let line =
                    "stty -g > \(directory.path)/before; env \(own) \(command); echo \"exit=$?\"; stty -g > \(directory.path)/after; sleep 20"
                let start = inShell ? "bash --norc --noprofile" : line
                _ = try tmux(["-f", "/dev/null", "new-session", "-d", "-x", "110", "-y", "30", start])
                if inShell { try press("env \(own) \(command)", "Enter") }
            }

            /// What `energyctl top` has written about the user's choices.
            func settings() -> String? { try? readText(directory.path + "/energyctl/top.conf") }

            deinit {
                _ = try? tmux(["kill-server"])
            }

            @discardableResult
            private func tmux(_ arguments: [String]) throws -> String {
                try Child.run(["tmux", "-L", name] + arguments).output
            }

            func press(_ keys: String...) throws { try press(keys) }

            func press(_ keys: [String]) throws {
                if !keys.isEmpty { try tmux(["send-keys"] + keys) }
            }

            func resize(_ columns: Int, _ rows: Int) throws {
                try tmux(["resize-window", "-x", "\(columns)", "-y", "\(rows)"])
            }

            func screen() throws -> String { try tmux(["capture-pane", "-p"]) }

            /// Waits until the screen satisfies `condition`; records an issue where it never does.
            func expect(_ what: String, _ condition: (String) -> Bool) throws {
                var last = ""
                let isShown = try eventually(every: 0.1) {
                    last = try screen()
                    return condition(last)
                }
                #expect(isShown, "\(what); the screen shows:\n\(last)")
            }

            func isTerminalRestored() -> Bool {
                (try? Child.run(["cmp", directory.path + "/before", directory.path + "/after"]).code) == 0
            }
        }

        @Test func keysResizingAndTheExitCode() throws {
            let agent = try AgentProcess(["--processes=on"])
            let session = try TerminalSession("\(Programs.energyctl) top --address \(agent.url)")
            try session.expect("the table") { $0.contains("WATTS") && $0.contains("estimated") }
            try session.press("h")
            try session.expect("the help") { $0.contains("filter") && $0.contains("quit") }
            try session.press("h")
            try session.press("!")
            try session.expect("the notices") { $0.contains("Notices") && $0.contains("key closes this") }
            try session.press("!")
            try session.press("6")
            try session.expect("processes") { $0.contains("energyd") && $0.contains("process") }
            try session.press("/")
            try session.press("zzz-nothing", "Enter")
            try session.expect("the filter hides everything") {
                $0.contains("no processes match") && $0.contains("zzz-nothing")
            }
            try session.press("/")
            try session.press("Escape")
            try session.press("p")
            try session.expect("paused") { $0.lowercased().contains("paused") }
            try session.press("p")
            try session.resize(50, 12)
            try session.expect("the small screen") { screen in
                screen.contains("WATTS") && screen.split(separator: "\n").allSatisfy { $0.count <= 50 }
            }
            try session.resize(110, 30)
            try session.press("q")
            try session.expect("the exit code") { $0.contains("exit=0") }
            #expect(eventually(within: 5) { session.isTerminalRestored() })
        }

        /// Every key of docs/top.md, one after the other.
        @Test func eachKeyDoesWhatTheHelpSays() throws {
            let agent = try AgentProcess(["--processes=on", "--sample.interval=250ms"])
            // The tree also on a machine without containers.
            let session = try TerminalSession(
                "\(Programs.energyctl) top --group-by all --interval 250ms --address \(agent.url)")
            func expect(_ keys: [String], _ what: String, _ shown: String...) throws {
                try session.press(keys)
                try session.expect("\(keys.joined(separator: " ")): \(what)") { screen in
                    shown.allSatisfy { $0.hasPrefix("not ") ? !screen.contains($0.dropFirst(4)) : screen.contains($0) }
                }
            }
            try expect([], "the tree", "workloads by watts", "mean of 10 s", "unattributed", "\u{3A3} ")
            try expect(["t"], "another mean", "mean of 1 min")
            try expect(["t"], "no mean", "last window")
            try expect(["t"], "the usual mean", "mean of 10 s")
            try expect(["C"], "by CPU", "workloads by CPU")
            try expect([">"], "the next column", "workloads by energy")
            try expect(["<", "r"], "reversed", "workloads by CPU, reversed")
            try expect(["N"], "by name", "workloads by name")
            try expect(["J"], "by energy", "workloads by energy")
            try expect(["s"], "the sort menu", "Sort by", "[x] energy")
            try expect(["g", "Enter"], "chosen", "workloads by watts", "not Sort by")
            try expect(["W", "Tab"], "the next list", "containers by watts")
            try expect(["BTab", "6"], "processes", "processes by watts", "pid ")
            try expect(["G", "k", "j", "g", "C-d", "C-u", "C-f", "C-b", "Down", "Up", "End", "Home"], "moved", "> ")
            try expect(["z"], "small rows shown", "not z shows them")
            try expect(["z", "e"], "ended", "with ended")
            try expect(["e", "F"], "following", "following")
            try expect(["Escape"], "not following", "not following")
            try expect(["Enter"], "details", "Power", "Energy since the agent started")
            try expect(["Escape"], "back", "processes by watts")
            try expect(["/", "watts>0 and name~energyd and ns="], "half a filter", " yet: ns=", "energyd")
            try expect(["C-w", "C-w", "Enter"], "a filter", "filter: watts>0 and name~energyd", "energyd")
            try expect(["Escape"], "no filter", "not filter: ")
            try expect(["Space"], "paused", "PAUSED at")
            try expect(["[", "["], "back", "PAUSED, 2 readings back")
            try expect(["]"], "forward", "PAUSED, 1 reading back")
            try expect(["}"], "to the newest", "PAUSED at")
            try expect(["Z"], "on", "not PAUSED")
            try expect(["+"], "slower", "every 500 ms")
            try expect(["-"], "faster", "every 200 ms")
            try expect(["m"], "marked, and a reading later", "since the mark", "not mark 0 s ago", "Wh")
            try expect(["m"], "marked again", "BEFORE")
            try expect(["M"], "unmarked", "not since the mark")
            try expect(["1", "Right", "Left", "*"], "folded", "workloads by watts")
            try expect(["y"], "what to copy", "Copy to the clipboard", "1 JSON")
            try expect(["Escape", "v"], "the columns", "Columns", "[x] cpu")
            try expect(["4"], "without CPU", "[ ] cpu")
            try expect(["Escape"], "the table without it", "not CPU%", "WATTS")
            #expect(session.settings()?.contains("columns = watts,quality,trend,share,joules,rate,kind") == true)
            try expect(["c"], "carbon", "Grid", "forecast", "since start")
            try expect(["c", "!"], "the notices", "Notices")
            try expect(["Escape", "?"], "the help", "Help", "lines 1 to")
            try expect(["G"], "its end", "nine times out of ten")
            try expect(["/", "clip", "C-u", "pause"], "searched", "search: pause", "pause and resume")
            try expect(["Enter", "Escape"], "all of the help", "lines 1 to")
            try expect(["q"], "quit", "exit=0")
            #expect(eventually(within: 5) { session.isTerminalRestored() })
        }

        @Test(.enabled(if: Conditions.has("bash"), "needs bash"))
        func suspendedItGivesTheTerminalBack() throws {
            let agent = try AgentProcess()
            let session = try TerminalSession("\(Programs.energyctl) top --address \(agent.url)", inShell: true)
            try session.expect("the table") { $0.contains("WATTS") && $0.contains("unattributed") }
            try session.press("C-z")
            try session.expect("the shell") { $0.contains("Stopped") && !$0.contains("WATTS") }
            try session.press("echo typed-$((40+2))", "Enter")
            try session.expect("the shell's own line") { $0.contains("typed-42") }
            try session.press("fg", "Enter")
            try session.expect("the table again") { $0.contains("WATTS") && !$0.contains("typed-42") }
            try session.press("q")
            try session.expect("the shell again") { $0.contains("typed-42") && !$0.contains("unattributed") }
        }

        @Test func severalNodesAndOneThatIsDown() throws {
            let agents = [try AgentProcess(["--node.name=first"]), try AgentProcess(["--node.name=second"])]
            let addresses = (agents.map(\.url) + ["http://127.0.0.1:1"]).map { "--address \($0)" }
            let session = try TerminalSession("\(Programs.energyctl) top \(addresses.joined(separator: " "))")
            try session.expect("both nodes and the one that is down") { screen in
                ["2 of 3 nodes", "first", "second", "connection refused"].allSatisfy(screen.contains)
            }
            _ = agents[1].stop()
            try session.expect("the other node alone") {
                $0.contains("1 of 3 nodes") && $0.contains("second (no answer)")
            }
            try session.press("q")
            try session.expect("the exit code") { $0.contains("exit=0") }
        }

        @Test(.enabled(if: Conditions.has("prometheus"), "needs prometheus"))
        func nodesOfAPrometheus() throws {
            let agents = [try AgentProcess(), try AgentProcess()]
            let targets = zip(agents, ["first", "second"]).map { agent, name in
                PrometheusServer.Target(job: name, port: agent.port, labels: ["node": name])
            }
            let prometheus = try PrometheusServer(targets)
            let session = try TerminalSession(
                "\(Programs.energyctl) top --prometheus http://127.0.0.1:\(prometheus.port)")
            try session.expect("both nodes with their power") { screen in
                ["2 nodes", "first", "second", " W estimated", "idle"].allSatisfy(screen.contains)
            }
            try session.press("q")
            try session.expect("the exit code") { $0.contains("exit=0") }
        }

        @Test func sentencesAndBadChoices() throws {
            let agent = try AgentProcess()
            let directory = try TemporaryDirectory()
            let plain = try Child(
                [Programs.energyctl, "top", "--plain", "--once", "--address", agent.url], environment: ["LC_ALL": "C"])
            #expect(plain.wait() == 0)
            #expect(
                plain.output.contains(" CPUs, ") && plain.output.contains("1. ") && !plain.output.contains("\u{1B}"))
            try directory.write("columns = nonsense\n", to: "energyctl/top.conf")
            let session = try TerminalSession(
                "env XDG_CONFIG_HOME=\(directory.path) \(Programs.energyctl) top --address \(agent.url)")
            try session.expect("the table and what is wrong with the file") {
                $0.contains("WATTS") && $0.contains("top.conf: line 1: columns: no \"nonsense\"")
            }
        }

        @Test(
            .enabled(if: Conditions.isRoot, Conditions.rootReason),
            .enabled(if: httpGet(port: 9464, "/") == nil, "an agent runs on this machine"))
        func withoutAnAgentItMeasuresByItself() throws {
            let session = try TerminalSession("\(Programs.energyctl) top --group-by process")
            try session.expect("the table") { $0.contains("WATTS") && $0.contains("tier ebpf") }
            try session.press("C-c")
            try session.expect("the exit code") { $0.contains("exit=0") }
        }

        /// Its settings are the agent's, except for the state: a look at the node must not change the agent's counters.
        @Test(
            .enabled(if: Conditions.isRoot, Conditions.rootReason),
            .enabled(if: httpGet(port: 9464, "/") == nil, "an agent runs on this machine"))
        func withoutAnAgentItUsesTheAgentsSettingsButNotItsState() throws {
            let directory = try TemporaryDirectory()
            try directory.write("carbon.intensity = 123\nstate.file = \(directory.path)/state\n", to: "energyd.conf")
            let child = try Child(
                [Programs.energyctl, "top", "--once", "--output=json"],
                environment: ["ENERGYD_CONFIG_FILE": directory.path + "/energyd.conf"])
            #expect(child.wait() == 0, "\(child.output)")
            let snapshot = try Snapshot(json: Array(child.output.utf8))
            #expect(snapshot.carbon.intensityGramsPerKilowattHour == 123)
            #expect(try listDirectory(directory.path).map(\.name) == ["energyd.conf"])
        }

        @Test func aLostAgentIsReportedAndNotTheEnd() throws {
            let agent = try AgentProcess()
            let session = try TerminalSession("\(Programs.energyctl) top --address \(agent.url)")
            try session.expect("the table") { $0.contains("WATTS") }
            _ = agent.stop()
            try session.expect("the error") { $0.contains("onnection refused") }
            try session.press("q")
            try session.expect("the exit code") { $0.contains("exit=0") }
        }

        /// The same hour of earlier days, and the minutes before the view.
        @Test func whatTheAgentRemembersIsShown() throws {
            let directory = try TemporaryDirectory()
            let path = directory.path + "/history.db"
            let now = Int64(time(nil)) / 60 * 60
            let hour = now - now % 3600
            let earlier: [Int64] = [3, 2, 1].flatMap { (day: Int64) in (0..<60).map { hour - day * 86_400 + $0 * 60 } }
            let recent: [Int64] = (1...20).reversed().map { now - $0 * 60 }
            do {
                let store = try HistoryStore(HistorySettings(path: path, bytes: 8 << 20))
                for start in earlier + recent {
                    // 60 W.
                    var usage = HistoryUsage(zones: 1)
                    usage.energy[0].dynamic = 3_600_000_000
                    usage.emissionsMicrograms = 1_000_000
                    var unit = HistoryWorkload(kind: "unit")
                    unit.path = "/system.slice/past.service"
                    let period = HistoryPeriod(
                        start: start, seconds: 60, zones: [HistoryZone(name: "z", source: "rapl", quality: "measured")],
                        factors: HistoryFactors(gramsPerKilowattHour: 1, pue: 1, source: "t"), usage: [unit: usage])
                    try store.append(.init(period: period, mark: .init(epoch: 1, zones: ["z": start])))
                }
            }
            let agent = try AgentProcess(["--history.path=\(path)"])
            let session = try TerminalSession("\(Programs.energyctl) top --address \(agent.url)")
            try session.expect("what is usual") { $0.contains("usual (60 W at this hour, 3 days)") }
            try session.press("c")
            try session.expect("the day's emissions") { $0.contains("gCO2e, ") && $0.contains("of recorded time") }
            try session.press("Escape", "q")
            try session.expect("the exit code") { $0.contains("exit=0") }
        }

        @Test func anUnreachableAgentIsExplained() throws {
            let (code, output) = try Child.run(
                [Programs.energyctl, "top", "--once", "--address", "http://127.0.0.1:1"])
            #expect(code == 1)
            #expect(output.contains("127.0.0.1:1") && output.contains("Check that energyd runs"))
        }

        @Test func whatTheAgentCannotAddUpByIsExplained() throws {
            func top(_ agent: AgentProcess, _ grouping: String, _ more: String...) throws -> (
                code: Int32?, output: String
            ) {
                try Child.run(
                    [Programs.energyctl, "top", "--address", agent.url, "--group-by", grouping, "--once"] + more)
            }
            let plain = try AgentProcess()
            let refused = try top(plain, "owner")
            #expect(refused.code == 2 && refused.output.contains("--kubernetes api"), "\(refused.output)")
            // Nobody answers there: owners and labels are known of no pod, and asked for all the same.
            let asking = try AgentProcess([
                "--kubernetes=kubelet", "--kubernetes.url=https://127.0.0.1:1", "--kubernetes.labels=team",
                "--kubernetes.token-file=/dev/null", "--kubernetes.ca-file=/dev/null",
            ])
            for grouping in ["owner", "label:team"] {
                let (code, output) = try top(asking, grouping)
                #expect(code == 0 && output.contains("gCO2e"), "\(output)")
            }
            let unknown = try top(asking, "label:app")
            #expect(unknown.code == 2 && unknown.output.contains("only by team"), "\(unknown.output)")
            let misspelt = try top(asking, "labels")
            #expect(misspelt.code == 2 && misspelt.output.contains("label:KEY"), "\(misspelt.output)")
            let json = try top(asking, "owner", "--output", "json")
            #expect(json.code == 2 && json.output.contains(".aggregates"), "\(json.output)")

            let session = try TerminalSession("\(Programs.energyctl) top --address \(asking.url)")
            try session.expect("the table") { $0.contains("WATTS") }
            try session.press("7")
            try session.expect("owners") { $0.contains("owners by watts") }
            try session.press("8")
            try session.expect("the label") { $0.contains("values of label team by watts") }
        }
    }
}
