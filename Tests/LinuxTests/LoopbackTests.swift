import Testing

@testable import Linux

@Suite struct LoopbackTests {
    @Test(arguments: [
        "localhost", "LocalHost", "localhost.", "127.0.0.1", "127.255.0.9", "::1", "0:0:0:0:0:0:0:1",
        "::ffff:127.0.0.1", "::FFFF:7F00:1",
    ])
    func thisMachineIsKnown(_ host: String) {
        #expect(Loopback.contains(host: host))
        let authority = host.contains(":") ? "[\(host)]" : host
        #expect(Loopback.contains(authority: authority) && Loopback.contains(authority: authority + ":4318"))
    }

    @Test(arguments: [
        "", "127.evil.example", "127.0.0.1.evil.example", "localhost.evil", "localhostess", "127.0.0", "127",
        "127.0.0.256", "127.0.0.+1", "127.0.0.1 ", "0.0.0.0", "::", "::2", "10.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1",
        "fe80::1", "127.0.0.1@evil.example", "127.0.0.1\0.evil",
    ])
    func othersAreNot(_ host: String) {
        #expect(!Loopback.contains(host: host))
        #expect(!Loopback.contains(authority: host) && !Loopback.contains(authority: "[\(host)]:1"))
    }

    @Test(arguments: [
        "[::1].evil.example", "localhost:80.evil.example", "localhost:80@evil.example", "localhost@evil.example",
        "[::1",
        "::1", ":80",
    ])
    func whatIsNoHostAndPortIsNot(_ authority: String) {
        #expect(!Loopback.contains(authority: authority))
    }
}
