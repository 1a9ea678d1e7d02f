import Glibc
import History
import Reporting
import Snapshot
import TestSupport
import Testing

extension RealKernel {
    @Suite(.enabled(if: Conditions.isRoot, Conditions.rootReason)) struct HistoryTests {
        /// Whatever ends the agent, the history has what the counters have: of one that was killed within a minute, as what
        /// was not recorded.
        @Test(arguments: [SIGTERM, SIGKILL]) func itContinuesAsTheCountersDo(_ signal: Int32) throws {
            let directory = try TemporaryDirectory()
            let path = directory.path + "/history.db"
            let flags = [
                "--sample.interval=200ms", "--state.file=\(directory.path)/state", "--history.path=\(path)",
                "--carbon.intensity=100", "--price.per-kwh=0.5EUR",
            ]
            let cgroup = try TestCgroup("history.service")
            let load = try cgroup.run("while :; do :; done")
            let first = try AgentProcess(flags)
            try cgroup.waitForCPU(0.6)
            let before = try first.freshSnapshot()
            first.child.send(signal)
            _ = first.child.wait(seconds: 10)
            let second = try AgentProcess(flags)
            try cgroup.waitForCPU(0.4)
            let after = try second.freshSnapshot()
            load.stop()
            #expect(second.stop() == 0)

            let (code, output) = try Child.run(
                [Programs.energyctl, "report", "--file", path, "--since", "1h", "--by", "unit", "--output", "json"])
            #expect(code == 0, "\(output)")
            let report = try decode(Report.self, output)
            let least = after.node.zones.reduce(0) { $0 + Int64($1.energyMicrojoules) }
            #expect(report.total.microjoules >= least)
            // No more than a moment more: the ticks until it ended.
            let third = try AgentProcess(flags)
            let next = try third.snapshot()
            #expect(report.total.microjoules <= next.node.zones.reduce(0) { $0 + Int64($1.energyMicrojoules) })
            #expect(third.stop() == 0)

            let unrecorded = report.rows.first { $0.kind == "unrecorded" }?.figures.microjoules ?? 0
            let counted = before.node.zones.reduce(0) { $0 + Int64($1.energyMicrojoules) }
            #expect(signal == SIGKILL ? unrecorded >= counted : unrecorded < counted)
            #expect(report.currency == "EUR")
            let kilowattHours = report.total.kilowattHours
            #expect(abs((report.total.cost ?? 0) - kilowattHours * 0.5) < 1e-8)
            #expect(abs((report.total.grams ?? 0) - kilowattHours * 100) < 1e-3)
            let unit = report.rows.first { $0.name == cgroup.path }
            #expect(unit?.figures.cpuMicroseconds ?? 0 > 300_000)
            let (verified, text) = try Child.run([Programs.energyctl, "history", "verify", "--file", path])
            #expect(verified == 0 && text.hasPrefix("intact"), "\(text)")
        }

        /// A disk without room costs the history nothing but its minutes, and everything else nothing at all.
        @Test func aFullDiskIsToldAndSurvived() throws {
            let directory = try TemporaryDirectory()
            #expect(mount("tmpfs", directory.path, "tmpfs", 0, "size=64k") == 0)
            defer { umount2(directory.path, Int32(MNT_DETACH)) }
            let path = directory.path + "/history.db"
            let agent = try AgentProcess(["--sample.interval=200ms", "--history.path=\(path)"])
            let snapshot = try agent.snapshot("with the notice") { snapshot in
                snapshot.agent.notices.contains { $0.contains("cannot write the history") }
            }
            #expect(snapshot.agent.faults["history_writes_failed"] ?? 0 > 0)
            #expect(snapshot.addsUp)
            #expect(agent.stop() == 0)
        }

        @Test func anAgentAnswersAndSaysWhatIsWrong() throws {
            let directory = try TemporaryDirectory()
            let without = try AgentProcess()
            #expect(httpGet(port: without.port, "/api/v1/history")?.status == 404)
            let (code, output) = try Child.run([Programs.energyctl, "report", "--address", without.url])
            #expect(code == 1 && output.contains("--history.path"), "\(output)")
            #expect(without.stop() == 0)

            let path = directory.path + "/history.db"
            let first = try AgentProcess(["--sample.interval=200ms", "--history.path=\(path)"])
            _ = try first.freshSnapshot()
            #expect(first.stop() == 0)
            let agent = try AgentProcess(["--sample.interval=200ms", "--history.path=\(path)", "--node.name=n7"])
            let (done, table) = try Child.run(
                [Programs.energyctl, "report", "--address", agent.url, "--since", "1h", "--fail-on", "total wh < 1000"])
            #expect(done == 3 && table.contains("over budget: total") && table.contains("on n7"), "\(table)")
            for query in ["since=-5", "since=x", "boundaries=3,x", "other=1", "since=1&since=2"] {
                #expect(httpGet(port: agent.port, "/api/v1/history?\(query)")?.status == 400, "\(query)")
            }
            #expect(agent.stop() == 0)
        }
    }
}

extension RealKernel.Proofs {
    /// A writer is killed at a hundred moments: the store opens, has every minute that was said to be stored, and at most one
    /// more; the chain is intact, and the next writer continues.
    @Test func theHistorySurvivesBeingKilled() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/history.db"
        let root = #filePath.split(separator: "/").dropLast(3).map { "/\($0)" }.joined()
        var random = SeededGenerator(seed: UInt64(getpid()))
        var next: Int64 = 1_000_000
        var (unreported, hours) = (0, 0)
        for round in 0..<100 {
            let writer = try Child([root + "/.build/debug/history-writer", path, "\(next)"])
            usleep(UInt32.random(in: 1000...120_000, using: &random))
            writer.send(SIGKILL)
            #expect(writer.wait() == 128 + SIGKILL, "\(writer.output)")
            // A line that was cut off says nothing.
            let said = writer.output.split(separator: "\n", omittingEmptySubsequences: false).dropLast().last
            let last = said.flatMap { Int64($0) } ?? next - 1
            guard access(path, F_OK) == 0 else { continue }
            let store = try HistoryStore(HistorySettings(path: path, bytes: 8 << 20))
            let stored = try store.mark()?.zones["z"] ?? next - 1
            #expect(stored == last || stored == last + 1, "round \(round)")
            unreported += stored > last ? 1 : 0
            let reader = try HistoryReader(path: path)
            let answer = try reader.answer(since: next * 60, until: (stored + 1) * 60)
            #expect(answer.microjoules == (stored >= next ? (next...stored).reduce(0, +) : 0), "round \(round)")
            let verification = try reader.verify()
            #expect(verification.problems == [], "round \(round)")
            hours = verification.hours
            next = stored + 1
        }
        #expect(next > 1_000_100, "too tame: the writer hardly wrote")
        print("history: 100 kills, \(next - 1_000_000) minutes, \(unreported) stored unsaid, \(hours) hours verified")
    }
}
