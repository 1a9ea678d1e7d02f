import Engine
import Metering
import Snapshot
import TestSupport
import Testing

@Suite struct NoticesTests {
    private func notices(_ host: FakeHost, _ source: SourceKind) throws -> [String] {
        let engine = try host.makeEngine { $0.power.sources = [source] }
        return try host.tick(engine).agent.notices
    }

    @Test func whatAnEstimateLacksIsReported() throws {
        let host = try FakeHost()
        var told = try notices(host, .estimate)
        #expect(told.contains { $0.contains("memory is unknown") } && !told.contains { $0.contains("CPU is unknown") })
        _ = try host.store("processor : 0\n", as: "proc/cpuinfo")
        _ = try host.store("MemTotal: 1024 kB\n", as: "proc/meminfo")
        told = try notices(host, .estimate)
        #expect(told.contains { $0.contains("CPU is unknown") } && !told.contains { $0.contains("memory is unknown") })
        // With a meter it does not matter.
        #expect(try !notices(host, .rapl).contains { $0.contains("unknown") })
    }
}
