import TestSupport
import Testing
import Workloads

@testable import Ledger

/// Cgroups in any order, and with forged names.
@Suite struct TreeTests {
    private func use(_ ledger: inout Ledger, _ readings: (UInt64, UInt64)...) {
        ledger.tick(Dictionary(uniqueKeysWithValues: readings))
    }

    @Test func aMissingAncestorThatTurnsUpGetsWhatIsBelowIt() {
        var ledger = Ledger(retention: 0, retentionLimit: 10)
        ledger.add(cgroup: 1, path: "/a.slice")
        ledger.add(cgroup: 3, path: "/a.slice/b.slice/c.slice/d.service")
        use(&ledger, (3, 70))
        #expect(ledger.parent("unit:/a.slice/b.slice/c.slice/d.service") == "slice:/a.slice")
        ledger.add(cgroup: 4, path: "/a.slice/b.slice")
        ledger.add(cgroup: 5, path: "/a.slice/b.slice/c.slice")
        use(&ledger, (3, 100))
        #expect(ledger.parent("unit:/a.slice/b.slice/c.slice/d.service") == "slice:/a.slice/b.slice/c.slice")
        #expect(ledger.parent("slice:/a.slice/b.slice/c.slice") == "slice:/a.slice/b.slice")
        for id in ["slice:/a.slice", "slice:/a.slice/b.slice", "slice:/a.slice/b.slice/c.slice"] {
            #expect(ledger.time(id) == 100, "\(id)")
        }
        #expect(ledger.tops == 100)
        #expect(ledger.tree.awaiting.isEmpty)
    }

    @Test func aPodThatComesAfterItsContainerHasWhatThatUsed() throws {
        let pod = "/kubepods.slice/kubepods-pod9d5f6a3e_1111_2222_8333_0123456789ab.slice"
        let id = String(repeating: "ab12", count: 16)
        var ledger = Ledger(retention: 0, retentionLimit: 10)
        ledger.add(cgroup: 1, path: "/kubepods.slice")
        ledger.add(cgroup: 2, path: "\(pod)/cri-containerd-\(id).scope")
        use(&ledger, (2, 70))
        ledger.add(cgroup: 3, path: pod)
        let uid = "9d5f6a3e-1111-2222-8333-0123456789ab"
        ledger.describe(
            try #require(ledger.id("pod:\(uid)")), as: ["k8s.namespace.name": "shop", "k8s.pod.name": "web"],
            dimensions: RollUpDimensions())
        use(&ledger, (2, 100))
        #expect(ledger.parent("container:\(id)") == "pod:\(uid)")
        #expect(ledger.time("pod:\(uid)") == 100 && ledger.time("namespace:shop") == 100)
        #expect(ledger.tops == 100)
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
            "/plain/deep/er", "/plain/box/init.scope", "/plain/box", "/plain/box/a.slice/b.service",
        ]
        func build(_ order: [Int]) -> [String: String?] {
            var ledger = Ledger(retention: 0, retentionLimit: 10)
            var before: [String: UInt64] = [:]
            for (step, index) in order.enumerated() {
                ledger.add(cgroup: UInt64(index) + 1, path: paths[index])
                // Its invariants are checked with every tick.
                let time = UInt64(step + 1) * 10
                ledger.tick(Dictionary(uniqueKeysWithValues: order[...step].map { (UInt64($0) + 1, time) }))
                for workload in ledger.shown {
                    let now = ledger.totals(workload).cpuNanoseconds
                    #expect(now >= before[workload.key] ?? 0)
                    before[workload.key] = now
                }
                #expect(ledger.tops == UInt64((step + 1) * (step + 1) * 10))
            }
            #expect(ledger.tree.awaiting.isEmpty)
            return Dictionary(
                uniqueKeysWithValues: ledger.shown.map { ($0.identity.path, ledger.parent($0.key)) })
        }
        #expect(build(Array(paths.indices)) == build(paths.indices.shuffled(using: &random)))
    }

    @Test func nobodyIsAwaitedByThoseThatAreGone() {
        var ledger = Ledger(retention: 0, retentionLimit: 10)
        for number in UInt64(1)...50 {
            ledger.add(cgroup: number, path: "/a.service/payload/\(number).service")
            use(&ledger, (number, 5))
            ledger.remove(cgroup: number, at: Double(number))
            ledger.forget(cgroup: number)
            ledger.retire(at: Double(number))
        }
        #expect(ledger.tree.awaiting.isEmpty)
    }

    // MARK: What was used before its path was known

    @Test func anUnknownPlainCgroupKeepsItsPastAndGetsItsPlace() {
        var ledger = Ledger(retention: 0, retentionLimit: 10)
        ledger.add(cgroup: 1, path: "/a.slice")
        use(&ledger, (7, 40))
        #expect(ledger.shown.last?.identity.path == "/(unknown)/7")
        ledger.add(cgroup: 7, path: "/a.slice/plain", at: 1)
        use(&ledger, (7, 100))
        #expect(ledger.parent("cgroup:7") == "slice:/a.slice")
        #expect(ledger.time("cgroup:7") == 100 && ledger.time("slice:/a.slice") == 100 && ledger.tops == 100)
        #expect(!ledger.shown.contains { $0.identity.path.hasPrefix("/(unknown)") })
        #expect(ledger.tree.awaiting.isEmpty)
    }

    @Test func anUnknownUnitIsTheUnitFromThenOn() {
        var ledger = Ledger(retention: 0, retentionLimit: 10)
        use(&ledger, (7, 40))
        ledger.add(cgroup: 7, path: "/web.service", at: 1)
        use(&ledger, (7, 100))
        #expect(ledger.time("unit:/web.service") == 60 && ledger.time("cgroup:7") == 40)
        #expect(ledger.shown.first { $0.key == "cgroup:7" }?.endedAt == 1)
        #expect(ledger.tops == 100)
    }

    // MARK: Forged names

    private let id = String(repeating: "ab12", count: 16)
    private let pod = "/kubepods.slice/kubepods-pod9d5f6a3e_1111_2222_8333_0123456789ab.slice"
    private var real: String { "\(pod)/cri-containerd-\(id).scope" }
    private var forged: String { "/user.slice/user-1000.slice/user@1000.service/cri-containerd-\(id).scope" }

    private func live(_ ledger: Ledger, _ path: String) -> Workload? {
        ledger.shown.first { $0.identity.path == path && $0.endedAt == nil }
    }

    @Test(arguments: [true, false]) func whoCameFirstDoesNotHaveTheName(_ isRealFirst: Bool) throws {
        var ledger = Ledger(retention: 0, retentionLimit: 10)
        let order = isRealFirst ? [(5, real), (6, forged)] : [(6, forged), (5, real)]
        for (cgroup, path) in [(1, "/user.slice"), (2, pod)] + order { ledger.add(cgroup: UInt64(cgroup), path: path) }
        ledger.add(cgroup: 7, path: forged + "/init")
        use(&ledger, (5, 100), (6, 30), (7, 8))
        let container = try #require(ledger.id("container:\(id)").flatMap { ledger.tree[$0] })
        #expect(container.identity.path == real && container.identity.kind == .container && container.cgroup == 5)
        #expect(ledger.totals(container).cpuNanoseconds == 100)
        #expect(ledger.parent("container:\(id)") == "pod:9d5f6a3e-1111-2222-8333-0123456789ab")
        #expect(ledger.time("slice:/user.slice") == 38 && ledger.tops == 138)
        let plain = ledger.shown.filter { $0.identity.path == forged }
        #expect(plain.allSatisfy { $0.identity.kind == .cgroup && $0.facts.isEmpty })
        #expect(!ledger.shown.contains { $0.key.hasPrefix("displaced") })
        // Names are looked up for the one that has the identity.
        var named: WorkloadID?
        for change in ledger.takeIdentityChanges() {
            switch change {
            case .appeared(let id) where ledger.tree[id]?.identity.containerID != nil: named = id
            case .released(let id, _) where id == named: named = nil
            default: break
            }
        }
        #expect(named == ledger.id("container:\(id)"))
    }

    @Test func whatWasUsedUnderAFalseNameStaysWhereItWasCredited() throws {
        var ledger = Ledger(retention: 100, retentionLimit: 10)
        ledger.add(cgroup: 1, path: "/user.slice")
        ledger.add(cgroup: 6, path: forged)
        ledger.tick([6: 30], energy: [6: 500])
        ledger.add(cgroup: 2, path: pod, at: 5)
        ledger.add(cgroup: 5, path: real, at: 5)
        use(&ledger, (6, 45), (5, 9))
        #expect(ledger.time("container:\(id)") == 9)
        #expect(ledger.time("slice:/user.slice") == 45 && ledger.tops == 54)
        let displaced = try #require(ledger.shown.first { $0.key.hasPrefix("displaced:") })
        let totals = ledger.totals(displaced)
        #expect(totals.cpuNanoseconds == 30 && totals.dynamicEnergy(0) == 500 && displaced.endedAt == 5)
        #expect(displaced.identity.kind == .cgroup && displaced.cgroup == 0)
        #expect(live(ledger, forged).map { ledger.totals($0).cpuNanoseconds } == 15)
        #expect(ledger.conservationError(zone: 0) == 0)
    }

    private static let session = "/user.slice/user-1000.slice/user@1000.service"

    /// As if the directory of that user's service were theirs.
    private func ground(_ path: String) -> UserGround? {
        path.hasPrefix(Self.session + "/") ? UserGround(depth: 3, user: 1000) : nil
    }

    /// A user's forged pod with the uid of another user's pod, and what is inside, while there is no rival and after.
    @Test(arguments: [0, 30]) func aUserCannotMakeAPod(_ usedBefore: UInt64) throws {
        let other = String(repeating: "ef", count: 32)
        let fake = Self.session + "/kubepods/burstable/pod9d5f6a3e-1111-2222-8333-0123456789ab"
        var ledger = Ledger(retention: 100, retentionLimit: 10, groundOf: ground)
        for (cgroup, path) in [(1, "/user.slice"), (6, fake), (7, "\(fake)/\(other)")] {
            ledger.add(cgroup: UInt64(cgroup), path: path)
        }
        use(&ledger, (7, usedBefore))
        #expect(ledger.shown.allSatisfy { $0.identity.podUID == nil && $0.identity.containerID == nil })
        #expect(ledger.time("slice:/user.slice") == usedBefore)
        ledger.add(cgroup: 2, path: pod, at: 1)
        use(&ledger, (7, usedBefore + 5), (2, 9))
        #expect(ledger.time("pod:9d5f6a3e-1111-2222-8333-0123456789ab") == 9)
        #expect(ledger.time("slice:/user.slice") == usedBefore + 5 && ledger.tops == usedBefore + 14)
        #expect(!ledger.shown.contains { $0.key.hasPrefix("displaced:") })
        #expect(live(ledger, fake).map { $0.identity.kind == .unit || $0.identity.kind == .cgroup } ?? true)
    }

    /// The same id once in a directory of root's and once in a user's: it is root's, in either order.
    @Test(arguments: [true, false]) func anIDIsRootsBeforeItIsAUsers(_ isUserFirst: Bool) throws {
        let fake = Self.session + "/docker-\(id).scope"
        let docker = "/system.slice/docker-\(id).scope"
        var ledger = Ledger(retention: 0, retentionLimit: 10, groundOf: ground)
        let order = isUserFirst ? [fake, docker] : [docker, fake]
        for (number, path) in order.enumerated() { ledger.add(cgroup: UInt64(number) + 1, path: path) }
        let container = try #require(ledger.id("container:\(id)").flatMap { ledger.tree[$0] })
        #expect(container.identity.path == docker && container.identity.userID == nil)
        #expect(live(ledger, fake)?.identity.kind == .cgroup)
    }
}
