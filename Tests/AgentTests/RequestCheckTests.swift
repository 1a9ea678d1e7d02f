import Hummingbird
import HummingbirdTesting
import NIOCore
import Settings
import Testing

@testable import Agent

@Suite struct RequestCheckTests {
    @Test(arguments: [
        "localhost", "LOCALHOST:9464", "localhost.:1", "127.0.0.1", "127.0.0.1:9464", "127.1.2.3:80", "[::1]",
        "[::1]:9464",
    ]) func aLoopbackAddressAnswersToItsNames(host: String) throws {
        #expect(LocalHosts(.standard).accepts(host))
    }

    @Test(arguments: [
        "", "evil.example", "evil.example:9464", "127.0.0.1.evil.example", "localhost.evil.example", "127.0.0",
        "127.0.0.+1",
        "[::1].evil.example", "localhost:80.evil.example", "10.0.0.1", "127.0.0.256", "[::2]",
    ]) func aBorrowedNameIsRefused(host: String) throws {
        #expect(!LocalHosts(.standard, names: ["b.example"]).accepts(host))
        // A server on every interface has an empty name.
        #expect(!LocalHosts(try #require(ListenAddress(text: ":9464"))).accepts(host))
    }

    @Test func furtherNamesMayBeGiven() {
        let hosts = LocalHosts(.standard, names: ["Power.Example"])
        #expect(hosts.accepts("power.example:8443") && hosts.accepts("localhost") && !hosts.accepts("example"))
    }

    @Test func onlyConnectionsFromThisHostAreChecked() throws {
        for (text, isLoopback) in [
            ("127.0.0.1", true), ("127.9.9.9", true), ("::1", true), ("::ffff:127.0.0.1", true), ("10.0.0.1", false),
            ("::ffff:10.0.0.1", false), ("fe80::1", false),
        ] {
            #expect(LocalHosts.isLoopback(try SocketAddress(ipAddress: text, port: 1)) == isLoopback, "\(text)")
        }
        #expect(!LocalHosts.isLoopback(nil))
    }

    /// `localhost` is what the client of these tests says.
    private func status(
        of path: String, _ method: HTTPRequest.Method
    ) async throws -> (HTTPResponse.Status, String?) {
        let router = Router(context: AgentContext.self)
        router.add(middleware: RequestCheck())
        router.get("/metrics") { _, _ in "" }
        return try await Application(router: router).test(.router) { client in
            let answer = try await client.execute(uri: path, method: method)
            return (answer.status, answer.headers[.allow])
        }
    }

    @Test func aWrongMethodIsToldFromAWrongPath() async throws {
        #expect(try await status(of: "/metrics", .get) == (.ok, nil))
        for method in [HTTPRequest.Method.post, .put, .delete, .options] {
            #expect(try await status(of: "/metrics", method) == (.methodNotAllowed, "GET, HEAD"))
            #expect(try await status(of: "/other", method) == (.notFound, nil))
        }
    }
}
