import Glibc
import Linux
import Snapshot
import TestSupport
import Testing

extension RealKernel {
    /// A user who makes more cgroups than anybody needs. `make attack` has all that such a user can do, and its figures.
    @Suite(
        .enabled(if: Conditions.isRoot, Conditions.rootReason),
        .enabled(if: Conditions.has("python3"), "needs python3"))
    struct Flood {
        private static let user: UInt32 = 61_234
        private static let program = #filePath.replacing("IntegrationTests/FloodTests.swift", with: "Attack/flood.py")

        /// 2,500 cgroups with paths of 1.5 KB, in a second: a body with all of them had 80 MB.
        @Test func aFloodOfCgroupsIsBounded() throws {
            let honest = try TestCgroup("flood-honest")
            let delegated = try TestCgroup("flood-user")
            chown(delegated.directory, Self.user, Self.user)
            chown(delegated.directory + "/cgroup.procs", Self.user, Self.user)
            defer { _ = try? Child.run(["python3", Self.program, "remove", delegated.directory]) }
            let agent = try AgentProcess(["--sample.interval=500ms"])
            let work = try honest.run("while :; do :; done")
            let made = try Child.run(["python3", Self.program, "quick", delegated.directory, "1", "\(Self.user)"])
            try #require(made.code == 0, "\(made.output)")
            try check(agent, delegated)
            work.stop()
            let snapshot = try agent.freshSnapshot()
            let (found, truth) = (try seconds(honest, in: snapshot), try honest.cpuSeconds())
            #expect(abs(found - truth) <= 0.01 * truth + 0.005, "honest: \(found) s, cpu.stat \(truth) s")
            // What ran before the walk came to it stays with the unknown ones.
            let unknown = snapshot.workloads.filter { $0.cgroupPath.hasPrefix("/(unknown)/") }.map(\.cpuSeconds)
            let (users, most) = (try seconds(delegated, in: snapshot), try delegated.cpuSeconds())
            #expect(users <= 1.01 * most + 0.005, "user: \(users) s, cpu.stat \(most) s")
            #expect(users + unknown.reduce(0, +) >= 0.99 * most - 0.005, "user: \(users) s, cpu.stat \(most) s")
            #expect(agent.stop(within: 1) == 0)

            // One that starts in it gets as far.
            let second = try AgentProcess(["--sample.interval=500ms"])
            try check(second, delegated)
            #expect(second.stop(within: 1) == 0)
        }

        private func check(_ agent: AgentProcess, _ delegated: TestCgroup) throws {
            let snapshot = try agent.snapshot("that knows the flood") {
                // The name of a plain cgroup is the end of its path.
                ($0.agent.cgroupsFolded ?? 0) > 2000
                    && $0.workloads.contains {
                        $0.name.hasSuffix("(other)") && $0.cgroupPath.hasPrefix(delegated.path)
                    }
            }
            #expect(snapshot.addsUp)
            let body = try #require(httpGet(port: agent.port, "/metrics"))
            #expect(body.status == 200 && body.body.utf8.count < 2_000_000, "\(body.body.utf8.count) bytes")
            let peak = try #require(try peakMemory(of: agent))
            #expect(peak < 96 * 1024, "\(peak) KiB")
        }

        private func seconds(_ cgroup: TestCgroup, in snapshot: Snapshot) throws -> Double {
            try #require(snapshot.workload(at: cgroup.path)).cpuSeconds
        }

        /// KiB, since its start.
        private func peakMemory(of agent: AgentProcess) throws -> Int? {
            let lines = try readText("/proc/\(agent.child.pid)/status").split(separator: "\n")
            return lines.first { $0.hasPrefix("VmHWM:") }.flatMap { Int($0.dropFirst(6).filter(\.isNumber)) }
        }
    }
}
