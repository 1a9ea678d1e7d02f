import Hummingbird
import HummingbirdTesting
import Settings
import Testing

@testable import Agent

@Suite struct RequestCheckTests {
    @Test(arguments: [
        "localhost", "LOCALHOST:9464", "localhost.:1", "127.0.0.1", "127.0.0.1:9464", "127.1.2.3:80", "[::1]",
        "[::1]:9464",
    ]) func aLoopbackAddressAnswersToItsNames(host: String) throws {
        let hosts = try #require(LocalHosts(.standard))
        #expect(hosts.accepts(host))
    }

    @Test(arguments: [
        "", "evil.example", "evil.example:9464", "127.0.0.1.evil.example", "localhost.evil.example", "127.0.0",
        "127.0.0.+1",
        "[::1].evil.example", "localhost:80.evil.example", "10.0.0.1", "127.0.0.256", "[::2]",
    ]) func aBorrowedNameIsRefused(host: String) throws {
        let hosts = try #require(LocalHosts(.standard))
        #expect(!hosts.accepts(host))
    }

    @Test func otherAddressesHaveTheNamesOfTheirNetwork() throws {
        for text in [":9464", "10.0.0.1:9464", "[fe80::1]:9464"] {
            #expect(LocalHosts(try #require(ListenAddress(text: text))) == nil)
        }
    }

    /// `localhost` is what the client of these tests says.
    private func status(
        of path: String, _ method: HTTPRequest.Method, hosts: LocalHosts?
    ) async throws -> (HTTPResponse.Status, String?) {
        let check = RequestCheck(hosts: hosts, paths: ["/metrics"])
        let router = Router()
        router.add(middleware: check)
        router.get("/metrics") { _, _ in "" }
        return try await Application(router: router).test(.router) { client in
            let answer = try await client.execute(uri: path, method: method)
            return (answer.status, answer.headers[.allow])
        }
    }

    @Test func aWrongMethodIsToldFromAWrongPath() async throws {
        let hosts = LocalHosts(.standard)
        #expect(try await status(of: "/metrics", .get, hosts: hosts) == (.ok, nil))
        for method in [HTTPRequest.Method.post, .put, .delete, .options] {
            #expect(try await status(of: "/metrics", method, hosts: hosts) == (.methodNotAllowed, "GET, HEAD"))
            #expect(try await status(of: "/other", method, hosts: hosts) == (.notFound, nil))
        }
    }
}
