import Glibc
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

            init(_ command: String) throws {
                directory = try TemporaryDirectory()
                let line =
                    "stty -g > \(directory.path)/before; \(command); echo \"exit=$?\"; stty -g > \(directory.path)/after; sleep 20"
                _ = try tmux(["-f", "/dev/null", "new-session", "-d", "-x", "110", "-y", "30", line])
            }

            deinit {
                _ = try? tmux(["kill-server"])
            }

            @discardableResult
            private func tmux(_ arguments: [String]) throws -> String {
                try Child.run(["tmux", "-L", name] + arguments).output
            }

            func press(_ keys: String...) throws { try tmux(["send-keys"] + keys) }

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
