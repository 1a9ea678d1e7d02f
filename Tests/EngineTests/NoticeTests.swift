import Engine
import Metering
import Names
import Snapshot
import TestSupport
import Testing

extension Snapshot {
    /// Without the one about how these tests account.
    var otherNotices: [String] { agent.notices.filter { $0 != tierReason } }
}

/// A configured source that does not work is reported once, with the remedy.
@Suite struct NoticeTests {
    private func notices(_ configure: (inout EngineConfiguration) -> Void) throws -> [String] {
        let host = try FakeHost()
        let engine = try host.makeEngine(configure: configure)
        try host.draw("intel-rapl:0", microjoules: 1_000_000)
        return try host.tick(engine).otherNotices
    }

    @Test func aHealthyMachineHasNothingToSay() throws {
        #expect(try notices { _ in } == [])
    }

    @Test func aTreeOfTheHostThatIsNotThere() throws {
        let notices = try notices { $0.power.hostTree = "/nope" }
        #expect(notices.count == 1 && notices[0].contains("/nope") && notices[0].contains("--power.host"), "\(notices)")
    }

    @Test func aBMCThatDoesNotAnswer() throws {
        let bmc = PowerMailbox()
        bmc.fail(Diagnosis(.unreachable, "https://bmc: connection refused", remedy: "plug it in"))
        let notices = try notices { $0.power.redfish = (bmc, 10) }
        #expect(notices == ["power source redfish: https://bmc: connection refused: plug it in"])
    }

    @Test func aSourceOfNamesThatDoesNotAnswer() throws {
        let feed = NameFeed()
        feed.report("kubelet", error: "no certificate authority: name it with --kubernetes.ca-file")
        let broken = try notices { $0.names = feed }
        #expect(broken.count == 1 && broken[0].contains("kubelet") && broken[0].contains("--kubernetes.ca-file"))
        feed.report("kubelet", error: nil)
        #expect(try notices { $0.names = feed } == [])
    }
}
