import Testing
import Workloads

@testable import Ledger

@Suite struct GroundsTests {
    /// The file system makes who asks wait while a directory is flooded.
    @Test func whoOwnsADirectoryIsLookedUpOnceInAWindow() {
        var asked: [String] = []
        var ledger = Ledger(
            retention: 5, retentionLimit: 100,
            groundOf: {
                asked.append($0)
                return $0.hasPrefix("/user") ? UserGround(depth: 1, user: 1000) : nil
            })
        ledger.beginWindow()
        for number in UInt64(1)...20 {
            let id = String(repeating: "0123456789abcde\(number % 10)", count: 4)
            ledger.add(cgroup: number, path: "/user/docker-\(id).scope")
            ledger.add(cgroup: 100 + number, path: "/docker-\(id).scope")
        }
        #expect(asked.count == 2, "\(asked)")
        ledger.endWindow()
        ledger.beginWindow()
        let id = String(repeating: "fedcba9876543210", count: 4)
        ledger.add(cgroup: 300, path: "/user/docker-\(id).scope")
        #expect(asked.count == 3)
    }

    /// In a directory that several users may use, whose each cgroup is decides.
    @Test func whoseACgroupIsInASharedDirectoryIsLookedUpForEach() {
        let ids = ["0123456789abcdef", "fedcba9876543210"].map { String(repeating: $0, count: 4) }
        var ledger = Ledger(
            retention: 5, retentionLimit: 100,
            groundOf: { $0.contains(ids[1]) ? UserGround(depth: 1, user: 1000) : nil }, isShared: { $0 == "/shared" })
        ledger.beginWindow()
        for (number, id) in ids.enumerated() {
            ledger.add(cgroup: UInt64(number) + 1, path: "/shared/docker-\(id).scope")
        }
        let users = [UInt64(1), 2].map { ledger.tree.id(ofCgroup: $0).flatMap { ledger.tree[$0] }?.identity.userID }
        #expect(users == [nil, 1000])
    }

    /// A directory that root has given to a user is that user's for all that comes with a later sample.
    @Test func whoOwnsADirectoryIsLookedUpAnewInEveryWindow() throws {
        var ground: UserGround?
        var ledger = Ledger(retention: 5, retentionLimit: 100, groundOf: { _ in ground })
        let ids = ["0123456789abcdef", "fedcba9876543210"].map { String(repeating: $0, count: 4) }
        ledger.beginWindow()
        ledger.add(cgroup: 1, path: "/service/docker-\(ids[0]).scope")
        ground = UserGround(depth: 1, user: 1000)
        ledger.beginWindow()
        ledger.add(cgroup: 2, path: "/service/docker-\(ids[1]).scope")
        let users = [UInt64(1), 2].map { ledger.tree.id(ofCgroup: $0).flatMap { ledger.tree[$0] }?.identity.userID }
        #expect(users == [nil, 1000])
    }
}
