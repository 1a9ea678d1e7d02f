import Testing

@testable import Pushing

@Suite struct OutageLogTests {
    @Test func anOutageHasOneLineOfEachKindAndOneOfItsEnd() {
        var log = OutageLog()
        let before = log.ends()
        let lines = (0..<100).map { log.begins($0 % 2 == 0 ? .waiting : .refused, at: .seconds($0)) }
        let ends = [log.ends(), log.ends()]
        #expect(!before && ends == [true, false])
        #expect(lines == [true, true] + [Bool](repeating: false, count: 98))
    }

    /// A collector that fails and recovers with every request does not fill the log.
    @Test func outagesThatFollowOneAnother() {
        var log = OutageLog()
        var (begun, ended) = (0, 0)
        // Every 10 s, for an hour.
        for step in 0..<360 {
            if log.begins(.partial, at: .seconds(step * 10)) { begun += 1 }
            if log.ends() { ended += 1 }
        }
        #expect(begun == 6 && ended == 6)
    }

    /// One that begins soon after another, and lasts, is logged a little later.
    @Test func aLongOutageAfterAShortOne() {
        var log = OutageLog()
        let first = log.begins(.waiting, at: .seconds(0))
        _ = log.ends()
        let later = [599, 600].map { log.begins(.waiting, at: .seconds($0)) }
        #expect(first && later == [false, true])
    }
}

@Suite struct RequestSizesTests {
    private func divide(_ sizes: inout RequestSizes, _ list: Int...) -> [Int?] {
        list.map { sizes.shouldDivide($0) ? sizes.limit : nil }
    }

    @Test func whatIsTooLargeIsDividedDownToTheSmallest() {
        var sizes = RequestSizes(largest: 1000, smallest: 100)
        let limits = divide(&sizes, 800, 600, 101)
        #expect(limits == [400, 300, 100])
    }

    /// Then nothing is divided until something was accepted, or the next export: and that is as large as ever.
    @Test func itIsNotDividedInVain() {
        var sizes = RequestSizes(largest: 1000, smallest: 100)
        let limits = divide(&sizes, 200, 100, 800)
        #expect(limits == [100, nil, nil] && sizes.limit == 1000)
        sizes.accepted()
        let again = divide(&sizes, 800, 99, 800)
        #expect(again == [400, nil, nil] && sizes.limit == 1000)
        sizes.begin()
        let next = divide(&sizes, 800)
        #expect(next == [400])
    }
}
