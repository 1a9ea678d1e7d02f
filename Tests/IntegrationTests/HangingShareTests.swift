import Glibc
import Snapshot
import TestSupport
import Testing

extension RealKernel {
    /// A share of the hypervisor's that stops to answer: a FUSE file system of our own, which does the same.
    @Suite(
        .enabled(
            if: Conditions.isRoot && Conditions.has("python3") && access("/dev/fuse", W_OK) == 0,
            "needs root, python3 and /dev/fuse"))
    struct HangingShares {
        /// The share: it hangs while the file `hang` is there.
        private final class Share {
            let directory: TemporaryDirectory
            let server: Child
            var path: String { directory.path + "/share" }

            init() throws {
                directory = try TemporaryDirectory()
                #expect(mkdir(directory.path + "/share", 0o755) == 0)
                let script = #filePath.split(separator: "/").dropLast(2).map { "/\($0)" }.joined() + "/hanging-share.py"
                let server = try Child(["python3", script, directory.path + "/share", directory.path + "/hang"])
                self.server = server
                eventually { server.output.contains("mounted") }
            }

            func hang() throws { try directory.write("", to: "hang") }

            func answer() { unlink(directory.path + "/hang") }

            deinit {
                server.stop()
                umount2(path, Int32(MNT_DETACH))
            }
        }

        private func isInUse(_ source: String, in snapshot: Snapshot) -> Bool {
            snapshot.node.zones.contains { $0.isUp && $0.source == source }
        }

        @Test func aHangingShareStopsItsSourceOnly() throws {
            let share = try Share()
            let agent = try AgentProcess([
                "--power.host=\(share.path)", "--power.sources=host,estimate", "--sample.interval=500ms",
            ])
            let before = try agent.snapshot("with the share's figures") { isInUse("host", in: $0) }
            try share.hang()
            let silent = try agent.snapshot("without them") {
                $0.agent.sources.contains { $0.name == "host" && !$0.isUp }
            }
            let host = try #require(silent.agent.sources.first { $0.name == "host" })
            #expect(
                host.errors > 0 && host.lastError?.contains("\(share.path) has not answered for") == true, "\(host)")
            #expect(silent.agent.notices.contains { $0.contains("has not answered for") }, "\(silent.agent.notices)")
            let estimated = try agent.snapshot("with the estimate") { isInUse("estimate", in: $0) }
            #expect(estimated.agent.lateTicks == before.agent.lateTicks)
            share.answer()
            let after = try agent.snapshot("with the share's figures again") { isInUse("host", in: $0) }
            #expect(after.agent.lateTicks == before.agent.lateTicks)
        }

        /// The reader cannot be ended, not even by SIGKILL. The agent can.
        @Test func anAgentEndsWhileItsShareHangs() throws {
            let share = try Share()
            let agent = try AgentProcess([
                "--power.host=\(share.path)", "--power.sources=host,estimate", "--sample.interval=500ms",
            ])
            _ = try agent.snapshot("with the share's figures") { isInUse("host", in: $0) }
            try share.hang()
            _ = try agent.snapshot("without them") { $0.agent.sources.contains { $0.name == "host" && !$0.isUp } }
            #expect(agent.stop(within: 1) == 0, "\(agent.child.output)")
        }

        @Test func aShareThatHangsAtTheStartDelaysNothing() throws {
            let share = try Share()
            try share.hang()
            let flags = ["--power.host=\(share.path)", "--power.sources=host,estimate", "--sample.interval=500ms"]
            let agent = try AgentProcess(flags)
            _ = try agent.snapshot("with the estimate") { isInUse("estimate", in: $0) }
            let doctor = try Child.run([Programs.energyctl, "doctor", "--settings-of=none"] + flags, seconds: 30)
            #expect(doctor.code == 1, "\(doctor.output)")
            #expect(doctor.output.contains("\(share.path) has not answered for"), "\(doctor.output)")
            share.answer()
            _ = try agent.snapshot("with the share's figures") { isInUse("host", in: $0) }
            #expect(agent.stop() == 0)
        }

        /// Log directories on it are named as the problem; nothing waits for them.
        @Test func logDirectoriesThatHangDelayNothing() throws {
            let share = try Share()
            try share.hang()
            let agent = try AgentProcess(["--path.logs=\(share.path)", "--sample.interval=500ms"])
            let silent = try agent.snapshot("that says so") { snapshot in
                snapshot.agent.nameSources?.contains { $0.name == "logs" && !$0.isUp } == true
            }
            let logs = try #require(silent.agent.nameSources?.first { $0.name == "logs" })
            #expect(logs.lastError?.contains("has not answered for") == true && logs.errors == 1, "\(logs)")
            #expect(silent.agent.lateTicks == 0)
            #expect(agent.stop(within: 1) == 0, "\(agent.child.output)")
        }

        /// Everything that may be on it, from the start on.
        @Test func anAgentStartsAndEndsWhateverHangs() throws {
            let share = try Share()
            try share.hang()
            let start = ContinuousClock.now
            let agent = try AgentProcess([
                "--path.logs=\(share.path)", "--state.file=\(share.path)/state", "--power.model=\(share.path)/model",
                "--web.socket=\(share.path)/socket", "--power.redfish.url=https://localhost:1",
                "--power.redfish.credentials=\(share.path)/credentials", "--sample.interval=500ms",
            ])
            let snapshot = try agent.snapshot("with two reasons") { snapshot in
                snapshot.agent.notices.contains { $0.contains("its file system does not answer") }
                    && snapshot.agent.nameSources?.contains { $0.name == "logs" && !$0.isUp } == true
            }
            #expect(ContinuousClock.now - start < .seconds(30))
            #expect(snapshot.agent.lateTicks == 0, "\(agent.child.output)")
            #expect(agent.stop(within: 1) == 0, "\(agent.child.output)")
        }

        /// The share hangs only after it was written to: which fails, as it cannot be written to.
        @Test func aStateFileThatHangsLaterIsWaitedForAMomentOnly() throws {
            let share = try Share()
            let agent = try AgentProcess(["--state.file=\(share.path)/state", "--sample.interval=500ms"])
            _ = try agent.snapshot("that says why") { snapshot in
                snapshot.agent.notices.contains { $0.contains("cannot write the state file") }
            }
            try share.hang()
            let silent = try agent.snapshot("that says so") { snapshot in
                snapshot.agent.notices.contains { $0.contains("its file system does not answer") }
            }
            #expect(silent.agent.lateTicks <= 1)
            #expect(agent.stop(within: 1) == 0, "\(agent.child.output)")
        }

        /// Who may read stays as it was, and the agent ends.
        @Test(.enabled(if: Conditions.has("curl"), "needs curl"))
        func tokensThatHangStayInForce() throws {
            let share = try Share()
            let tokens = share.path + "/intel-rapl:0/tokens"
            let agent = try AgentProcess(["--web.token-files=\(tokens)", "--tier=procfs", "--names=none"])
            func status(_ token: String) throws -> String {
                try Child.run([
                    "curl", "-s", "-m", "5", "-o", "/dev/null", "-w", "%{http_code}", "-H",
                    "Authorization: Bearer \(token)", agent.url + "/metrics",
                ]).output
            }
            #expect(try status("hanging-token-0123456789") == "200" && status("another-token-0123456789") == "401")
            try share.hang()
            #expect(eventually(within: 30) { agent.child.output.contains("does not answer") }, "\(agent.child.output)")
            #expect(try status("hanging-token-0123456789") == "200" && status("another-token-0123456789") == "401")
            #expect(agent.child.output.ranges(of: "cannot use the new files").count == 1, "\(agent.child.output)")
            #expect(agent.stop(within: 1) == 0, "\(agent.child.output)")
        }

        @Test func doctorNamesWhatHangs() throws {
            let share = try Share()
            try share.hang()
            let start = ContinuousClock.now
            let doctor = try Child.run(
                [
                    Programs.energyctl, "doctor", "--settings-of=none", "--path.logs=\(share.path)",
                    "--state.file=\(share.path)/state", "--power.model=\(share.path)/model",
                    "--power.host=\(share.path)", "--web.socket=\(share.path)/socket",
                ], seconds: 40)
            #expect(ContinuousClock.now - start < .seconds(20))
            #expect(doctor.code == 1, "\(doctor.output)")
            let silences = doctor.output.split(separator: "\n").filter {
                $0.contains("the file system at \(share.path) does not answer")
            }
            #expect(silences.count >= 4, "\(doctor.output)")
        }
    }
}
