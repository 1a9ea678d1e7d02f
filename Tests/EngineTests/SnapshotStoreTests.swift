import Engine
import Snapshot
import TestSupport
import Testing

@Suite struct SnapshotStoreTests {
    private func snapshot() throws -> Snapshot {
        let host = try FakeHost()
        return try host.makeEngine().tick()
    }

    @Test func readinessFollowsTheTicks() throws {
        let store = SnapshotStore(interval: .seconds(1))
        let start = ContinuousClock.now
        #expect(store.latest == nil && !store.isFresh(at: start) && store.isAlive(at: start))
        store.publish(try snapshot(), at: start)
        #expect(store.latest != nil)
        #expect(store.isFresh(at: start + .seconds(4)))
        #expect(!store.isFresh(at: start + .seconds(6)))
        #expect(store.isAlive(at: start + .seconds(6)))
        #expect(!store.isAlive(at: start + .seconds(90)))
        store.publish(try snapshot(), at: start + .seconds(91))
        #expect(store.isFresh(at: start + .seconds(92)) && store.isAlive(at: start + .seconds(92)))
    }

    @Test func withALongIntervalItWaitsLonger() throws {
        let store = SnapshotStore(interval: .seconds(60))
        let start = ContinuousClock.now
        store.publish(try snapshot(), at: start)
        #expect(store.isFresh(at: start + .seconds(170)))
        #expect(!store.isFresh(at: start + .seconds(190)))
    }
}
