import Testing

@testable import Fetching

@Suite struct KeptConnectionsTests {
    /// As many second attempts as there may be connections that were closed meanwhile, and none before an answer.
    @Test func eachIsWorthOneAttempt() {
        let kept = KeptConnections(atMost: 2)
        #expect(!kept.remove())
        for _ in 0..<5 { kept.add() }
        #expect(kept.remove() && kept.remove() && !kept.remove())
        kept.add()
        #expect(kept.remove() && !kept.remove())
    }
}
