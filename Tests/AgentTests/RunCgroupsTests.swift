import Hummingbird
import HummingbirdTesting
import Linux
import Snapshot
import Synchronization
import Telemetry
import TestSupport
import Testing

@testable import Agent
@testable import Engine

/// What a client may not get; what it may is tested on the real kernel.
@Suite struct RunCgroupsTests {
    private let host: TemporaryDirectory
    private let cgroups: RunCgroups

    /// Process 12 is a child of 11 and runs as user 1000.
    init() throws {
        host = try TemporaryDirectory()
        for (name, text) in [
            ("proc/12/status", "Name:\tx\nPPid:\t11\nUid:\t1000\t1000\t1000\t1000\n"), ("proc/12/cgroup", "0::/a\n"),
            ("proc/13/status", "Name:\tPPid:\t11\nPPid:\t1\nUid:\t1000\t1000\t1000\t1000\n"),
            ("proc/14/status", "Name:\tx\nPPid:\t11\nUid:\t1000\t0\t0\t0\n"), ("proc/14/cgroup", "0::/a\n"),
            ("proc/15/status", "Name:\tx\nPPid:\t11\nUid:\t1000\t1000\t1000\t1000\n"),
            ("proc/15/cgroup", "0::/../../a\n"),
            ("proc/16/status", "Name:\tx\nPPid:\t11\nUid:\t1000\t1000\t1000\t1000\n"), ("proc/16/cgroup", "0::/gone\n"),
            ("cgroup/cgroup.controllers", ""), ("cgroup/a/cgroup.procs", ""),
        ] {
            try host.write(text, to: name)
        }
        cgroups = RunCgroups(paths: HostPaths(procfs: host.path + "/proc", cgroupfs: host.path + "/cgroup")) { $0() }
    }

    private func refusal(_ process: Int32, of peer: PeerCredentials) async -> Problem? {
        do {
            _ = try await cgroups.make(for: process, of: peer)
            return nil
        } catch {
            return error as? Problem
        }
    }

    @Test(
        arguments: [
            (11, 13, 1000, 403), (11, 14, 1000, 403), (11, 12, 1001, 403), (11, 12, 0, 403), (10, 12, 1000, 403),
            (0, 12, 1000, 403), (11, 99, 1000, 404), (11, 15, 1000, 409), (11, 16, 1000, 409),
            // It is all right, and no kernel is behind this directory.
            (11, 12, 1000, 409),
        ] as [(Int32, Int32, UInt32, Int)])
    func nothingIsMadeForOthers(_ peer: Int32, _ process: Int32, _ user: UInt32, _ status: Int) async throws {
        let problem = await refusal(process, of: PeerCredentials(process: peer, user: user))
        #expect(problem?.status == status, "\(problem?.detail ?? "made")")
        #expect(cgroups.count == 0)
        // Nothing is left behind.
        #expect(try listDirectory(host.path + "/cgroup/a").map(\.name) == ["cgroup.procs"])
    }

    @Test func namesSayWhoseTheyAre() {
        #expect(RunCgroups.user(ofName: "energyd-run-1000-12-3") == 1000)
        for name in ["energyd-run-p12-3f", "energyd-run-1000-12", "energyd-run-1000-12-3-4", "energyd-run-a-1-2", ""] {
            #expect(RunCgroups.user(ofName: name) == nil, "\(name)")
        }
    }

    @Test(arguments: [
        "", "process=", "process=0", "process=-1", "process=a", "process=1&process=2", "pid=1", "process=%zz",
    ])
    func aWrongRequestIsRefused(_ query: String) {
        #expect((try? RunRoute.process(query)) == nil)
        #expect((try? RunRoute.process("process=4711")) == 4711)
    }

    /// Where no cgroups are made there is no such path; where they are, POST is the only method, and a connection of which
    /// the kernel does not know the other end gets nothing.
    @Test func onlyTheSocketHasThePath() async throws {
        let hub = SnapshotHub(interval: .seconds(1))
        let routes = Routes(hub: hub, bodies: SnapshotBodies(hub: hub, selection: MetricSelection()) { $0() })
        for (runs, method, status) in [
            (nil, HTTPRequest.Method.post, HTTPResponse.Status.notFound), (nil, .get, .notFound),
            (cgroups, .get, .methodNotAllowed), (cgroups, .put, .methodNotAllowed), (cgroups, .post, .forbidden),
        ] {
            try await Application(router: routes.router(runs: runs)).test(.router) { client in
                let answer = try await client.execute(uri: "/api/v1/runs?process=12", method: method)
                #expect(answer.status == status)
                #expect((answer.headers[.allow] == "POST") == (status == .methodNotAllowed))
            }
        }
    }
}
