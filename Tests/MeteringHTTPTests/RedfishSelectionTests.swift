import Testing

@testable import MeteringHTTP

@Suite struct RedfishSelectionTests {
    private typealias Selection = RedfishSelection

    private func select(
        _ chassis: [RedfishChassis], _ watts: [String: Double], systems: [RedfishSystem] = [], uuid: String? = nil
    ) -> Result<RedfishSelection, RedfishSelection.Refusal> {
        RedfishSelection.select(among: chassis, watts: watts, systems: systems, uuid: uuid)
    }

    private let blade = RedfishChassis(path: "/1", type: "Blade", systems: ["/s1"], containedBy: "/2")
    private let enclosure = RedfishChassis(path: "/2", type: "Enclosure", contains: ["/1"])

    @Test func aBladeIsNotItsEnclosure() {
        let both = select([blade, enclosure], ["/1": 263, "/2": 1080])
        #expect(both == .success(Selection(path: "/1", isGuess: false)))
        // The same where the enclosure does not say what it is.
        var plain = enclosure
        plain.type = nil
        #expect(select([blade, plain], ["/1": 263, "/2": 1080]) == .success(Selection(path: "/1", isGuess: false)))
    }

    /// A blade without a reading at the moment must not become its enclosure.
    @Test func anEnclosureDoesNotStandInForItsBlade() {
        var blade = blade
        blade.sources = [.document("/1/Power")]
        #expect(select([blade, enclosure], ["/2": 1080]) == .failure(.shared("/2")))
        var plain = enclosure
        plain.type = nil
        #expect(select([blade, plain], ["/2": 1080]) == .failure(.shared("/2")))
    }

    /// The board that bears the system tells no power at all; the housing around it does.
    @Test func aHousingStandsInForABoard() {
        let board = RedfishChassis(path: "/b", systems: ["/s1"], containedBy: "/h")
        let housing = RedfishChassis(path: "/h", type: "RackMount", contains: ["/b"])
        let rack = RedfishChassis(path: "/r", type: "RackMount", contains: ["/h"])
        #expect(
            select([board, housing, rack], ["/h": 300, "/r": 900]) == .success(Selection(path: "/h", isGuess: false)))
    }

    @Test func theOutermostOfItsOwnChassisIsAtTheInlet() {
        let node = RedfishChassis(path: "/n", type: "RackMount", systems: ["/s1"], contains: ["/m"])
        let module = RedfishChassis(path: "/m", type: "Module", systems: ["/s1"])
        #expect(select([module, node], ["/n": 700, "/m": 750]) == .success(Selection(path: "/n", isGuess: false)))
    }

    private let twins = [
        RedfishChassis(path: "/a", type: "Sled", systems: ["/s1"]),
        RedfishChassis(path: "/b", type: "Sled", systems: ["/s2"]),
    ]
    private let systems = [
        RedfishSystem(path: "/s1", uuid: "00112233-4455-6677-8899-AABBCCDDEEFF"),
        RedfishSystem(path: "/s2", uuid: "33221100-5544-7766-8899-aabbccddeeff", chassis: ["/b"]),
    ]

    /// In the byte order of the BMC, or in the other one, where only one system matches.
    @Test func theSystemIsFoundByItsUUID() {
        let watts = ["/a": 200.0, "/b": 400]
        let one = select(twins, watts, systems: [systems[0]], uuid: "33221100-5544-7766-8899-aabbccddeeff\n")
        #expect(one == .success(Selection(path: "/a", isGuess: false)))
        let exact = select(twins, watts, systems: [systems[1]], uuid: "33221100-5544-7766-8899-AABBCCDDEEFF")
        #expect(exact == .success(Selection(path: "/b", isGuess: false)))
        // Neither, or both.
        for uuid in [nil, "00000000-0000-0000-0000-000000000000", "33221100-5544-7766-8899-aabbccddeeff"] {
            #expect(select(twins, watts, systems: systems, uuid: uuid) == .failure(.ambiguous(systems: 2)))
        }
    }

    /// A board of accelerators that calls itself a system lies in the node.
    @Test func aSystemInsideOfTheNodeIsPartOfIt() {
        let node = RedfishChassis(path: "/n", systems: ["/s1"], contains: ["/g"])
        let board = RedfishChassis(path: "/g", type: "Module", systems: ["/hgx"], containedBy: "/n")
        #expect(select([node, board], ["/n": 5000, "/g": 4000]) == .success(Selection(path: "/n", isGuess: true)))
    }

    @Test func withoutRelationsTheLikeliestIsTakenAndCalledAGuess() {
        let chassis = [
            RedfishChassis(path: "/e", type: "Enclosure"), RedfishChassis(path: "/u"), RedfishChassis(path: "/v"),
            RedfishChassis(path: "/n", type: "RackMount"), RedfishChassis(path: "/c", type: "Card"),
        ]
        func best(_ paths: String...) -> Result<RedfishSelection, RedfishSelection.Refusal> {
            select(chassis.filter { paths.contains($0.path) }, ["/e": 1080, "/u": 250, "/v": 300, "/n": 200, "/c": 75])
        }
        #expect(best("/e", "/u", "/n", "/c") == .success(Selection(path: "/n", isGuess: true)))
        #expect(best("/e", "/u", "/v", "/c") == .success(Selection(path: "/v", isGuess: true)))
        #expect(best("/e", "/c") == .success(Selection(path: "/e", isGuess: true)))
        #expect(best("/u") == .success(Selection(path: "/u", isGuess: false)))
        #expect(select(chassis, [:]) == .failure(.silent))
    }

    /// Links that lead in circles, to nowhere and to themselves.
    @Test func brokenLinksDoNoHarm() {
        let chassis = [
            RedfishChassis(path: "/a", systems: ["/s"], containedBy: "/b", contains: ["/a", "/b"]),
            RedfishChassis(path: "/b", containedBy: "/a", contains: ["/a", "/nowhere"]),
            RedfishChassis(path: "/c", containedBy: "/c"),
        ]
        #expect(select(chassis, ["/a": 1, "/b": 2, "/c": 3]) == .success(Selection(path: "/a", isGuess: false)))
    }

    @Test(arguments: ["", "x", "00112233-4455-6677-8899-AABBCCDDEE", "ffffffff-ffff-ffff-ffff-ffffffffffff"])
    func whatIsNoUUID(_ text: String) {
        #expect(UUIDText(text) == nil)
    }
}
