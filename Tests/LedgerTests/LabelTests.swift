import Testing
import Workloads

@testable import Ledger

/// No two workloads may be exported under the same labels: a scraper would refuse all of them.
@Suite struct LabelTests {
    private let id = String(repeating: "ab12", count: 16)

    /// What the series of a workload carry.
    static func labels(_ workload: Workload) -> [String] {
        let identity = workload.identity
        let kind = identity.kind.rawValue
        return switch identity.kind {
        case .container:
            [
                kind, identity.containerID ?? "", identity.podUID ?? "",
                workload.key.hasPrefix("container:/") ? identity.path : "",
            ]
        case .pod: [kind, identity.podUID ?? ""]
        case .job: [kind, identity.runtime ?? "", identity.jobID ?? "", identity.path]
        case .unit, .slice, .vm: [kind, identity.name, identity.path]
        case .cgroup: [kind, identity.path, workload.cgroup > 0 ? "\(workload.cgroup)" : workload.key]
        case .namespace: [kind, identity.name]
        }
    }

    private func expectUnique(_ ledger: Ledger) {
        let labels = ledger.shown.map(Self.labels)
        #expect(Set(labels).count == labels.count, "\(labels)")
    }

    /// A systemd in a plain directory is part of it, with all its units, whichever comes first.
    @Test(arguments: [false, true]) func whatIsPartOfAPlainCgroupIsOneWorkload(_ isReversed: Bool) throws {
        let paths = ["/box", "/box/init.scope", "/box/system.slice/nginx.service", "/box/system.slice/cron.service"]
        var ledger = Ledger(retention: 100, retentionLimit: 10)
        for (number, path) in zip(UInt64(1)..., isReversed ? paths.reversed() : paths) {
            ledger.add(cgroup: number, path: path)
            ledger.tick([number: 10])
        }
        let box = try #require(ledger.shown.first)
        #expect(ledger.shown.map(\.identity.path) == ["/box"] && ledger.totals(box).cpuNanoseconds == 40)
        #expect(box.cgroup == (isReversed ? 4 : 1) && box.key == "cgroup:\(box.cgroup)")
        for number in UInt64(1)...4 { ledger.remove(cgroup: number, at: 1) }
        #expect(ledger.shown.allSatisfy { $0.endedAt == 1 })
        // Made again: another one, in which its parts are.
        ledger.add(cgroup: 11, path: "/box", at: 2)
        ledger.add(cgroup: 12, path: "/box/init.scope", at: 2)
        ledger.tick([12: 5])
        #expect(ledger.time("cgroup:11") == 5 && ledger.shown.count == 2)
        expectUnique(ledger)
    }

    /// Two cgroups with one id: the second is a plain one, with what lies in it.
    @Test func whoLosesAnIdentityIsOneWorkload() throws {
        var ledger = Ledger(retention: 100, retentionLimit: 10)
        ledger.add(cgroup: 1, path: "/docker/\(id)")
        ledger.add(cgroup: 2, path: "/moby/\(id)")
        for (number, name) in ["init", "a/b", "system.slice"].enumerated() {
            ledger.add(cgroup: UInt64(number) + 3, path: "/moby/\(id)/\(name)")
        }
        ledger.tick([1: 10, 2: 1, 3: 1, 4: 1, 5: 1])
        #expect(ledger.time("container:\(id)") == 10 && ledger.time("cgroup:2") == 4 && ledger.shown.count == 2)
        expectUnique(ledger)
    }

    /// A container that ended and starts in another place, as with another cgroup driver, is one again.
    @Test(arguments: [
        ("/docker/ID", "/system.slice/docker-ID.scope"),
        ("/kubepods/burstable/podUID", "/kubepods.slice/kubepods-podUID.slice"),
        ("/machine.slice/machine-wx.scope", "/system.slice/systemd-nspawn@wx.service"),
        ("/lxc.payload.lx", "/system.slice/lxc@lx.service/lxc.payload.lx"),
    ])
    func whatStartsElsewhereKeepsItsKind(first: String, second: String) throws {
        let uid = String(repeating: "0123456789abcdef", count: 2)
        let paths = [first, second].map { $0.replacing("UID", with: uid).replacing("ID", with: id) }
        var ledger = Ledger(retention: 100, retentionLimit: 10)
        for (number, path) in zip(UInt64(1)..., paths + paths) {
            ledger.add(cgroup: number, path: path, at: Double(number))
            ledger.add(cgroup: number + 10, path: path + "/payload", at: Double(number))
            ledger.tick([number: 5, number + 10: 3])
            let live = ledger.shown.filter { $0.endedAt == nil }
            #expect(live.map(\.identity.path) == [path] && live.map(\.identity.kind) != [.cgroup])
            expectUnique(ledger)
            ledger.remove(cgroup: number, at: Double(number))
            ledger.remove(cgroup: number + 10, at: Double(number))
        }
        #expect(ledger.tops == 32)
    }

    /// The scope comes first, and only what lies in it shows what it is; after a restart too.
    @Test(arguments: [false, true]) func whatShowsByItsPartsIsOneWorkload(_ isReversed: Bool) throws {
        let scope = "/machine.slice/web.scope"
        let paths = ["/machine.slice", scope, scope + "/other", scope + "/payload", scope + "/payload/init.scope"]
        var ledger = Ledger(retention: 100, retentionLimit: 10)
        for (number, path) in zip(UInt64(1)..., isReversed ? paths.reversed() : paths) {
            ledger.add(cgroup: number, path: path)
        }
        ledger.tick([1: 1, 2: 2, 3: 4, 4: 8, 5: 16])
        #expect(ledger.shown.count == 2 && ledger.time("slice:/machine.slice") == 31)
        let web = try #require(ledger.id("container:\(scope)").flatMap { ledger.tree[$0] })
        #expect(web.identity.containerID == "web" && web.cgroup == (isReversed ? 4 : 2))
        #expect(
            ledger.totals(web).cpuNanoseconds == (isReversed ? 15 : 30)
                && ledger.parent(web.key) == "slice:/machine.slice")
        ledger.rename(cgroup: web.cgroup, path: scope, at: 1)
        ledger.tick([3: 5])
        #expect(ledger.shown.filter { $0.endedAt == nil }.count == 2)
        expectUnique(ledger)
    }

    /// Names are no ids: another runtime, or another job, may give the same.
    @Test func containersOfOneNameAreTold() {
        let paths = [
            "/lxc.payload.web", "/machine.slice/machine-web.scope", "/system.slice/systemd-nspawn@web.service",
            #"/machine.slice/machine-lxc\x2d3\x2dweb.scope"#, "/slurm/uid_5/job_1/lxc.payload.web",
            "/slurm/uid_5/job_2/lxc.payload.web",
        ]
        var ledger = Ledger(retention: 100, retentionLimit: 10) {
            $0.hasPrefix("/slurm/") ? UserGround(depth: 3, user: 5) : nil
        }
        for (number, path) in zip(UInt64(1)..., paths) {
            ledger.add(cgroup: number, path: path)
            ledger.add(cgroup: number + 10, path: path + "/init.scope")
        }
        #expect(ledger.shown.map(\.identity.kind) == Array(repeating: .container, count: 6))
        #expect(Set(ledger.shown.map(\.identity.name)) == ["web"])
        #expect(Set(ledger.shown.compactMap(\.identity.containerID)) == ["web", "5/web"])
        expectUnique(ledger)
    }
}
