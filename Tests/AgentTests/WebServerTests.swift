import Glibc
import NIOCore
import Settings
import Testing

@testable import Agent

@Suite struct WebServerTests {
    private func explain(_ code: Int32) throws -> AgentError {
        let listen = try #require(ListenAddress(text: "127.0.0.1:80"))
        return WebServer.explain(IOError(errnoCode: code, reason: "bind"), listen)
    }

    /// What a flag caused, a flag mends: exit code 2.
    @Test(arguments: [EACCES, EADDRINUSE, EADDRNOTAVAIL])
    func anAddressThatCannotBeHadIsAConfigurationError(_ code: Int32) throws {
        let error = try explain(code)
        #expect(error.isConfiguration)
        #expect(error.description.contains("127.0.0.1:80") && error.description.contains("--web.listen-address"))
    }

    @Test func anotherFailureIsNot() throws {
        #expect(try !explain(ENFILE).isConfiguration)
    }
}
