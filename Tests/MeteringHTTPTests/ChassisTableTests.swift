import Metering
import Testing

@testable import MeteringHTTP

@Suite struct ChassisTableTests {
    private func fault(_ words: String) -> Result<ChassisTable.Answer, RedfishFault> {
        .failure(RedfishFault(.other, Diagnosis(.unreachable, words)))
    }

    private func answer(_ path: String, watts: Double?) -> Result<ChassisTable.Answer, RedfishFault> {
        let power = watts.map { (watts: $0, source: RedfishSource.document(path + "/Power")) }
        let sources: [RedfishSource] = [.document(path + "/Environment"), .document(path + "/Power")]
        return .success(ChassisTable.Answer(chassis: RedfishChassis(path: path, sources: sources), power: power))
    }

    @Test func fewAreReadAtATime() {
        var table = ChassisTable((0..<10).map { "/\($0)" })
        let first = table.takeDue(at: 0)
        #expect(first.map(\.path) == ["/0", "/1", "/2", "/3"] && first.allSatisfy { $0.patience == .seconds(15) })
        #expect(table.takeDue(at: 0).isEmpty && table.isIncomplete)
        table.finish("/2", answer("/2", watts: 5), at: 1)
        #expect(table.takeDue(at: 1).map(\.path) == ["/4"])
    }

    /// After 1, 2, 4, ... minutes, up to an hour, with more time each.
    @Test func whatFailsIsTriedAgain() {
        var table = ChassisTable(["/a", "/b"])
        _ = table.takeDue(at: 0)
        table.finish("/a", answer("/a", watts: 100), at: 0)
        table.finish("/b", fault("/b: HTTP 503"), at: 0)
        #expect(!table.isIncomplete && table.remarks(nil) == ["skipped /b: HTTP 503"])
        var now = 0.0
        for pause in [60.0, 120, 240, 480, 960, 1920, 3600, 3600] {
            #expect(table.takeDue(at: now + pause - 1).isEmpty)
            now += pause
            let due = table.takeDue(at: now)
            #expect(due.map(\.path) == ["/b"] && due.first?.patience == .seconds(60))
            table.finish("/b", fault("/b: HTTP 503"), at: now)
        }
        _ = table.takeDue(at: now + 3600)
        table.finish("/b", answer("/b", watts: 200), at: now + 3600)
        #expect(table.remarks(nil).isEmpty && table.takeDue(at: 1e9).isEmpty)
        #expect(table.select() == .success(RedfishSelection(path: "/b", isGuess: true)))
    }

    /// A controller that is starting answers with null for some minutes.
    @Test func whatToldNoPowerIsAskedAgain() {
        var table = ChassisTable(["/a"])
        _ = table.takeDue(at: 0)
        table.finish("/a", answer("/a", watts: nil), at: 0)
        #expect(table.select() == .failure(.silent) && !table.isIncomplete)
        #expect(table.takeDue(at: 59).isEmpty && table.takeDue(at: 60).count == 1)
        // What is known of it stays meanwhile.
        #expect(table.chassis("/a")?.sources.count == 2 && table.places.isEmpty)
        table.finish("/a", answer("/a", watts: 90), at: 61)
        #expect(table.select() == .success(RedfishSelection(path: "/a", isGuess: false)))
        #expect(table.places == ["/a": .document("/a/Power")])
    }

    /// It may be read later, unless the service says that there is none.
    @Test(arguments: [RedfishFault.Kind.other, .missing])
    func theNodesOwnChassisIsWaitedFor(_ kind: RedfishFault.Kind) {
        var table = ChassisTable(["/a/", "/b"], systems: [RedfishSystem(path: "/s", chassis: ["/a"])])
        _ = table.takeDue(at: 0)
        table.finish("/a/", .failure(RedfishFault(kind, Diagnosis(.unreachable, "HTTP 503"))), at: 0)
        let power = (watts: 14.0, source: RedfishSource.document("/b/Power"))
        table.finish("/b", .success(ChassisTable.Answer(chassis: RedfishChassis(path: "/b"), power: power)), at: 0)
        let expected = RedfishSelection(path: "/b", isGuess: false)
        #expect(table.select() == (kind == .other ? .failure(.awaited("/a")) : .success(expected)))
    }

    /// While it has not answered, and where it answers and its power does not.
    @Test func theNodesOwnPowerIsWaitedFor() throws {
        let systems = [RedfishSystem(path: "/s", chassis: ["/a"])]
        var table = ChassisTable(["/a", "/b"], systems: systems)
        _ = table.takeDue(at: 0)
        table.finish("/b", answer("/b", watts: 14), at: 0)
        #expect(table.select() == .failure(.awaited("/a")))

        var silent = try answer("/a", watts: nil).get()
        (silent.faults, silent.isInterrupted) = (["/a/Power: HTTP 503"], true)
        table.finish("/a", .success(silent), at: 1)
        #expect(table.select() == .failure(.awaited("/a")))
        #expect(table.takeDue(at: 61).map(\.path) == ["/a"])
        // It has none after all.
        silent.isInterrupted = false
        table.finish("/a", .success(silent), at: 62)
        #expect(table.select() == .success(RedfishSelection(path: "/b", isGuess: false)))
        table.finish("/a", answer("/a", watts: 300), at: 700)
        #expect(table.select() == .success(RedfishSelection(path: "/a", isGuess: false)))
    }

    /// Each supply as a chassis of its own: neither is the node.
    @Test func sumsOfSuppliesAreNotChosenAmong() {
        var table = ChassisTable(["/a", "/b"])
        _ = table.takeDue(at: 0)
        for path in ["/a", "/b"] {
            let source = RedfishSource.document(path + "/Power", at: .supplies)
            table.finish(
                path,
                .success(ChassisTable.Answer(chassis: RedfishChassis(path: path), power: (watts: 110, source: source))),
                at: 0)
        }
        #expect(table.select() == .failure(.scattered(2)))
    }
}
