import Accounting
import Glibc
import Linux
import Names
import Snapshot
import TestSupport
import Testing
import Workloads

@testable import Engine

/// Cgroups in any order, and under names that are not theirs.
@Suite struct TreeTests {
    private func use(_ table: inout WorkloadTable, _ cgroup: UInt64, _ time: UInt64) {
        table.use(AccountingSample.Usage(cgroup: cgroup, counters: UsageCounters(cpuNanoseconds: time)), isBase: false)
    }

    private func time(_ table: WorkloadTable, _ id: String) -> UInt64? {
        table.byKey[id].map { table.workloads[$0].account.cpuNanoseconds }
    }

    private func parent(_ table: WorkloadTable, _ id: String) -> String? {
        table.byKey[id].flatMap { table.workloads[$0].parent }.map { table.workloads[$0].id }
    }

    private func tops(_ table: WorkloadTable) -> UInt64 {
        table.workloads.filter { $0.isShown && $0.parent == nil }.reduce(0) { $0 + $1.account.cpuNanoseconds }
    }

    @Test func aMissingAncestorThatTurnsUpGetsWhatIsBelowIt() {
        var table = WorkloadTable(retention: 0, retentionLimit: 10)
        table.add(cgroup: 1, path: "/a.slice")
        table.add(cgroup: 3, path: "/a.slice/b.slice/c.slice/d.service")
        table.beginWindow()
        use(&table, 3, 70)
        #expect(parent(table, "unit:/a.slice/b.slice/c.slice/d.service") == "slice:/a.slice")
        table.add(cgroup: 4, path: "/a.slice/b.slice")
        table.add(cgroup: 5, path: "/a.slice/b.slice/c.slice")
        use(&table, 3, 100)
        #expect(parent(table, "unit:/a.slice/b.slice/c.slice/d.service") == "slice:/a.slice/b.slice/c.slice")
        #expect(parent(table, "slice:/a.slice/b.slice/c.slice") == "slice:/a.slice/b.slice")
        for id in ["slice:/a.slice", "slice:/a.slice/b.slice", "slice:/a.slice/b.slice/c.slice"] {
            #expect(time(table, id) == 100, "\(id)")
        }
        #expect(tops(table) == 100)
        #expect(table.awaiting.isEmpty)
    }

    @Test func aPodThatComesAfterItsContainerHasWhatThatUsed() {
        let pod = "/kubepods.slice/kubepods-pod9d5f6a3e_1111_2222_8333_0123456789ab.slice"
        let id = String(repeating: "ab12", count: 16)
        var table = WorkloadTable(retention: 0, retentionLimit: 10)
        table.add(cgroup: 1, path: "/kubepods.slice")
        table.add(cgroup: 2, path: "\(pod)/cri-containerd-\(id).scope")
        table.beginWindow()
        use(&table, 2, 70)
        table.add(cgroup: 3, path: pod)
        let uid = "9d5f6a3e-1111-2222-8333-0123456789ab"
        table.describe(
            table.byKey["pod:\(uid)"] ?? -1, as: ["k8s.namespace.name": "shop", "k8s.pod.name": "web"],
            dimensions: RollUpDimensions())
        use(&table, 2, 100)
        #expect(parent(table, "container:\(id)") == "pod:\(uid)")
        #expect(time(table, "pod:\(uid)") == 100 && time(table, "namespace:shop") == 100)
        #expect(tops(table) == 100)
    }

    /// Whatever the order, the tree is the same, no total falls on the way, and all of them add up.
    @Test(arguments: 1...20) func theOrderDoesNotMatter(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let pod =
            "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod9d5f6a3e_1111_2222_8333_0123456789ab.slice"
        let paths = [
            "/", "/user.slice", "/user.slice/user-1.slice", "/user.slice/user-1.slice/user@1.service",
            "/user.slice/user-1.slice/user@1.service/app.slice",
            "/user.slice/user-1.slice/user@1.service/app.slice/x.service",
            "/kubepods.slice", "/kubepods.slice/kubepods-burstable.slice", pod,
            "\(pod)/cri-containerd-\(String(repeating: "cd", count: 32)).scope", "/plain", "/plain/deep",
            "/plain/deep/er",
        ]
        func build(_ order: [Int]) -> [String: String?] {
            var table = WorkloadTable(retention: 0, retentionLimit: 10)
            var before: [String: UInt64] = [:]
            table.beginWindow()
            for (step, index) in order.enumerated() {
                table.add(cgroup: UInt64(index) + 1, path: paths[index])
                for used in order[...step] { use(&table, UInt64(used) + 1, UInt64(step + 1) * 10) }
                for workload in table.workloads {
                    #expect(workload.account.cpuNanoseconds >= before[workload.id] ?? 0)
                    before[workload.id] = workload.account.cpuNanoseconds
                    let children = table.workloads.filter { $0.parent == table.byKey[workload.id] }
                    #expect(children.count == workload.children)
                    #expect(workload.account.cpuNanoseconds >= children.reduce(0) { $0 + $1.account.cpuNanoseconds })
                }
                #expect(tops(table) == UInt64((step + 1) * (step + 1) * 10))
            }
            #expect(table.awaiting.isEmpty)
            return Dictionary(
                uniqueKeysWithValues: table.workloads.map {
                    ($0.identity.path, $0.parent.map { table.workloads[$0].identity.path })
                })
        }
        #expect(build(Array(paths.indices)) == build(paths.indices.shuffled(using: &random)))
    }

    @Test func nobodyIsAwaitedByThoseThatAreGone() {
        var table = WorkloadTable(retention: 0, retentionLimit: 10)
        for number in UInt64(1)...50 {
            table.add(cgroup: number, path: "/a.service/payload/\(number).service")
            table.beginWindow()
            use(&table, number, 5)
            table.remove(cgroup: number, at: Double(number))
            table.forget(cgroup: number)
            _ = table.retire(at: Double(number))
        }
        #expect(table.awaiting.isEmpty)
    }

    // MARK: What was used before its path was known

    @Test func anUnknownPlainCgroupKeepsItsPastAndGetsItsPlace() {
        var table = WorkloadTable(retention: 0, retentionLimit: 10)
        table.add(cgroup: 1, path: "/a.slice")
        table.beginWindow()
        use(&table, 7, 40)
        #expect(table.workloads.last?.identity.path == "/(unknown)/7")
        table.add(cgroup: 7, path: "/a.slice/plain", at: 1)
        use(&table, 7, 100)
        #expect(parent(table, "cgroup:7") == "slice:/a.slice")
        #expect(time(table, "cgroup:7") == 100 && time(table, "slice:/a.slice") == 100 && tops(table) == 100)
        #expect(!table.workloads.contains { $0.identity.path.hasPrefix("/(unknown)") })
        #expect(table.awaiting.isEmpty)
    }

    @Test func anUnknownUnitIsTheUnitFromThenOn() {
        var table = WorkloadTable(retention: 0, retentionLimit: 10)
        table.beginWindow()
        use(&table, 7, 40)
        table.add(cgroup: 7, path: "/web.service", at: 1)
        use(&table, 7, 100)
        #expect(time(table, "unit:/web.service") == 60 && time(table, "cgroup:7") == 40)
        #expect(table.workloads.first { $0.id == "cgroup:7" }?.endedAt == 1)
        #expect(tops(table) == 100)
    }

    // MARK: Names that belong to others

    private let id = String(repeating: "ab12", count: 16)
    private let pod = "/kubepods.slice/kubepods-pod9d5f6a3e_1111_2222_8333_0123456789ab.slice"
    private var real: String { "\(pod)/cri-containerd-\(id).scope" }
    private var forged: String { "/user.slice/user-1000.slice/user@1000.service/cri-containerd-\(id).scope" }

    private func index(_ table: WorkloadTable, _ path: String) -> WorkloadTable.Workload? {
        table.workloads.first { $0.isShown && $0.identity.path == path && $0.endedAt == nil }
    }

    @Test(arguments: [true, false]) func whoCameFirstDoesNotHaveTheName(_ isRealFirst: Bool) throws {
        var table = WorkloadTable(retention: 0, retentionLimit: 10)
        let order = isRealFirst ? [(5, real), (6, forged)] : [(6, forged), (5, real)]
        for (cgroup, path) in [(1, "/user.slice"), (2, pod)] + order { table.add(cgroup: UInt64(cgroup), path: path) }
        table.add(cgroup: 7, path: forged + "/init")
        table.beginWindow()
        use(&table, 5, 100)
        use(&table, 6, 30)
        use(&table, 7, 8)
        let container = try #require(table.byKey["container:\(id)"].map { table.workloads[$0] })
        #expect(container.identity.path == real && container.identity.kind == .container && container.cgroup == 5)
        #expect(container.account.cpuNanoseconds == 100)
        #expect(parent(table, "container:\(id)") == "pod:9d5f6a3e-1111-2222-8333-0123456789ab")
        #expect(table.workload(named: .container(id)) == table.byKey["container:\(id)"])
        #expect(time(table, "slice:/user.slice") == 38 && tops(table) == 138)
        let plain = table.workloads.filter { $0.isShown && $0.identity.path == forged }
        #expect(plain.allSatisfy { $0.identity.kind == .cgroup && $0.labels.isEmpty })
        #expect(!table.workloads.contains { $0.isShown && $0.id.hasPrefix("displaced") })
    }

    @Test func whatWasUsedUnderAFalseNameStaysWhereItWasCredited() throws {
        var table = WorkloadTable(retention: 100, retentionLimit: 10)
        table.add(cgroup: 1, path: "/user.slice")
        table.add(cgroup: 6, path: forged)
        table.beginWindow()
        use(&table, 6, 30)
        table.credit(500, to: try #require(table.byKey["container:\(id)"]), zone: 0)
        table.add(cgroup: 2, path: pod, at: 5)
        table.add(cgroup: 5, path: real, at: 5)
        use(&table, 6, 45)
        use(&table, 5, 9)
        #expect(time(table, "container:\(id)") == 9)
        #expect(time(table, "slice:/user.slice") == 45 && tops(table) == 54)
        let displaced = try #require(table.workloads.first { $0.id.hasPrefix("displaced:") })
        #expect(displaced.account.cpuNanoseconds == 30 && displaced.account.dynamic == [500] && displaced.endedAt == 5)
        #expect(displaced.identity.kind == .cgroup && displaced.cgroup == 0)
        #expect(index(table, forged)?.account.cpuNanoseconds == 15)
        let saved = table.records(CgroupFileReader(tree: nil, readsPressure: false))
        #expect(saved.count == table.workloads.filter(\.isShown).count)
    }

    /// A pod of one's own making with somebody else's uid, and what lies in it.
    @Test(arguments: [0, 30]) func aFalsePodGoesWithAllThatIsInIt(_ usedBefore: UInt64) throws {
        let other = String(repeating: "ef", count: 32)
        let fake = "/user.slice/user-1000.slice/user@1000.service" + pod
        var table = WorkloadTable(retention: 100, retentionLimit: 10) { $0.hasPrefix("/kubepods") }
        for (cgroup, path) in [(1, "/user.slice"), (6, fake), (7, "\(fake)/cri-containerd-\(other).scope")] {
            table.add(cgroup: UInt64(cgroup), path: path)
        }
        table.beginWindow()
        use(&table, 7, usedBefore)
        table.add(cgroup: 2, path: pod, at: 1)
        use(&table, 7, usedBefore + 5)
        use(&table, 2, 9)
        #expect(time(table, "pod:9d5f6a3e-1111-2222-8333-0123456789ab") == 9)
        let container = try #require(table.byKey["container:\(other)"].map { table.workloads[$0] })
        #expect(container.account.cpuNanoseconds == 5)
        #expect(container.parent.map { table.workloads[$0].identity.path } == fake)
        // What was used under the false name has no place in the tree; the rest is the user's.
        #expect(time(table, "slice:/user.slice") == 5 && tops(table) == usedBefore + 14)
        #expect(table.workloads.contains { $0.isShown && $0.id.hasPrefix("displaced:") } == (usedBefore > 0))
    }

    /// Paths that look like a pod's are anybody's to make. Directories of root's are not.
    @Test func whatRootMadeIsBelievedBeforeWhatLooksLikeAPod() throws {
        let fake = "/user.slice/user-1000.slice/user@1000.service" + pod + "/cri-containerd-\(id).scope"
        let docker = "/system.slice/docker-\(id).scope"
        for order in [[fake, docker], [docker, fake]] {
            var table = WorkloadTable(retention: 0, retentionLimit: 10) { $0.hasPrefix("/system.slice") }
            for (number, path) in order.enumerated() { table.add(cgroup: UInt64(number) + 1, path: path) }
            let container = try #require(table.byKey["container:\(id)"].map { table.workloads[$0] })
            #expect(container.identity.path == docker)
        }
    }

    /// The same with the files of a machine: who made a directory is whose the one around it is.
    @Test(.enabled(if: getuid() == 0, "needs root to make directories of others")) func ownersAreReadFromTheFileSystem()
        throws
    {
        let host = try FakeHost()
        let docker = "/zz.slice/docker-\(id).scope"
        for path in ["/aa.slice", "/aa.slice/docker-\(id).scope", "/zz.slice", docker] { try host.makeCgroup(path) }
        chown(host.paths.cgroupfs + "/aa.slice", 1000, 1000)
        // A container with a user namespace of its own may well own its cgroup.
        chown(host.paths.cgroupfs + docker, 100_000, 100_000)
        let engine = try host.makeEngine()
        try host.run(docker, microseconds: 2_000_000)
        try host.run("/aa.slice/docker-\(id).scope", microseconds: 1_000_000)
        let snapshot = try engine.tick()
        let containers = snapshot.workloads.filter { $0.kind == "container" }
        #expect(containers.map(\.cgroupPath) == [docker] && containers.map(\.cpuSeconds) == [2])
        #expect(snapshot.workloads.first { $0.cgroupPath == "/aa.slice" }?.cpuSeconds == 1)
    }
}
