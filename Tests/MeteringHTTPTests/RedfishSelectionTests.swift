import Testing

@testable import MeteringHTTP

@Suite struct RedfishSelectionTests {
    private typealias Selection = RedfishSelection

    private func select(
        _ chassis: [RedfishChassis], _ watts: [String: Double], systems: [RedfishSystem] = [],
        awaited: Set<String> = [], uuid: String? = nil
    ) -> Result<RedfishSelection, RedfishSelection.Refusal> {
        RedfishSelection.select(among: chassis, watts: watts, systems: systems, awaited: awaited, uuid: uuid)
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

    /// What the system names could not be read: neither a board of it nor its enclosure is the node.
    @Test func neitherAPartNorWhatIsAroundItStandsInForAnAwaitedChassis() {
        let systems = [RedfishSystem(path: "/s1", chassis: ["/1"])]
        let board = RedfishChassis(path: "/3", type: "Module", systems: ["/s1"])
        #expect(select([enclosure], ["/2": 1080], systems: systems, awaited: ["/1"]) == .failure(.awaited("/1")))
        let card = RedfishChassis(path: "/4", type: "Module")
        #expect(select([card], ["/4": 14], systems: systems, awaited: ["/1"]) == .failure(.awaited("/1")))
        // One that is not there is none.
        #expect(select([card], ["/4": 14], systems: systems) == .success(Selection(path: "/4", isGuess: true)))
        #expect(select([board], ["/3": 14], systems: systems, awaited: ["/1"]) == .failure(.awaited("/1")))
        #expect(
            select([board], ["/3": 14], systems: systems, awaited: ["/5"])
                == .success(Selection(path: "/3", isGuess: false)))
        // Another one of its chassis that is a node need not wait.
        let node = RedfishChassis(path: "/3", type: "RackMount", systems: ["/s1"])
        #expect(
            select([node], ["/3": 300], systems: systems, awaited: ["/1"])
                == .success(Selection(path: "/3", isGuess: false)))
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

    /// An enclosure that names only this blade feeds others all the same.
    @Test(arguments: ["Enclosure", "enclosure", "Shelf", "Drawer", "ImmersionTank"])
    func whatHousesSeveralIsAGuessAtBest(_ type: String) {
        let board = RedfishChassis(path: "/1", type: "Blade", systems: ["/s1"], containedBy: "/2")
        let outer = RedfishChassis(path: "/2", type: type, systems: ["/s1"])
        #expect(select([board, outer], ["/2": 1080]) == .success(Selection(path: "/2", isGuess: true)))
        let silent = RedfishChassis(path: "/2", type: type)
        #expect(select([board, silent], ["/2": 1080]) == .failure(.shared("/2")))
    }

    @Test func typesAreComparedWithoutCase() {
        let chassis = [RedfishChassis(path: "/e", type: "enclosure"), RedfishChassis(path: "/n", type: "blade")]
        #expect(select(chassis, ["/e": 2000, "/n": 250]) == .success(Selection(path: "/n", isGuess: true)))
    }

    /// Two halves of one system: neither is the whole.
    @Test func oneOfTwoChassisOfASystemIsNotCertain() {
        let halves = ["/a", "/b"].map { RedfishChassis(path: $0, type: "RackMount", systems: ["/s1"]) }
        #expect(select(halves, ["/a": 900, "/b": 850]) == .success(Selection(path: "/a", isGuess: true)))
        // A board beside the node is none of them.
        let board = RedfishChassis(path: "/c", type: "Module", systems: ["/s1"])
        #expect(select([halves[0], board], ["/a": 900, "/c": 950]) == .success(Selection(path: "/a", isGuess: false)))
        var plain = halves[0]
        plain.type = nil
        #expect(select([plain, board], ["/a": 900, "/c": 950]) == .success(Selection(path: "/a", isGuess: false)))
    }

    @Test func aPowerSupplyIsNoNode() {
        let names = ["/powersupply0", "/PSU1", "/Power_Supply_2"]
        let supplies = names.map { RedfishChassis(path: $0, type: "RackMount", systems: ["/s1"]) }
        #expect(select(supplies, ["/powersupply0": 110, "/PSU1": 122]) == .failure(.scattered(2)))
        let node = RedfishChassis(path: "/PowerEdge", systems: ["/s1"])
        let watts = ["/powersupply0": 110.0, "/PowerEdge": 90]
        #expect(select(supplies + [node], watts) == .success(Selection(path: "/PowerEdge", isGuess: false)))
    }

    /// The processor on a network card is a system to the BMC.
    @Test func aCardIsNoSecondNode() {
        let chassis = [
            RedfishChassis(path: "/1", type: "RackMount", systems: ["/s1"]),
            RedfishChassis(path: "/2", type: "Card", systems: ["/dpu"]),
        ]
        let systems = [RedfishSystem(path: "/s1", type: "Physical"), RedfishSystem(path: "/dpu", type: "DPU")]
        #expect(
            select(chassis, ["/1": 400, "/2": 75], systems: systems)
                == .success(Selection(path: "/1", isGuess: false)))
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
