import Engine
import Snapshot
import SnapshotSamples
import TestSupport
import Testing

@Suite struct SnapshotHubTests {
    private func snapshot(_ sequence: UInt64 = 1) -> Snapshot {
        var snapshot = fullSnapshot()
        snapshot.sequence = sequence
        return snapshot
    }

    @Test func readinessFollowsTheTicks() {
        let hands = ManualInstant()
        let hub = SnapshotHub(interval: .seconds(1)) { hands.now }
        #expect(hub.latest == nil && !hub.isFresh && hub.isAlive)
        hub.publish(snapshot())
        #expect(hub.latest != nil)
        hands.advance(4)
        #expect(hub.isFresh)
        hands.advance(2)
        #expect(!hub.isFresh && hub.isAlive)
        hands.advance(84)
        #expect(!hub.isAlive)
        hub.publish(snapshot())
        hands.advance(1)
        #expect(hub.isFresh && hub.isAlive)
    }

    @Test func aLongIntervalIsGivenMoreTime() {
        let hands = ManualInstant()
        let hub = SnapshotHub(interval: .seconds(60)) { hands.now }
        hub.publish(snapshot())
        hands.advance(170)
        #expect(hub.isFresh)
        hands.advance(20)
        #expect(!hub.isFresh)
    }

    @Test func aReaderGetsTheLatestAndWhatFollows() async {
        let hub = SnapshotHub(interval: .seconds(1))
        hub.publish(snapshot(1))
        var updates = hub.updates().makeAsyncIterator()
        #expect(await updates.next()?.sequence == 1)
        hub.publish(snapshot(2))
        #expect(await updates.next()?.sequence == 2)
        #expect(hub.dropped == 0)
        hub.finish()
        #expect(await updates.next() == nil)
        var late = hub.updates().makeAsyncIterator()
        #expect(await late.next()?.sequence == 2)
        #expect(await late.next() == nil)
    }

    @Test func aSlowReaderMissesOldSnapshotsAndDelaysNoOther() async {
        let hub = SnapshotHub(interval: .seconds(1))
        var slow = hub.updates().makeAsyncIterator()
        var quick = hub.updates().makeAsyncIterator()
        let one = snapshot()
        for sequence in 1...5 as ClosedRange<UInt64> {
            var next = one
            next.sequence = sequence
            hub.publish(next)
            #expect(await quick.next()?.sequence == sequence)
        }
        #expect(hub.dropped == 4)
        #expect(await slow.next()?.sequence == 5)
    }
}
