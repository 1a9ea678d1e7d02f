import Glibc
import NIOCore
import Settings
import Testing

@testable import Agent

@Suite struct ListenErrorTests {
    /// The address is wrong in all three cases, and stays wrong however often an init system tries again.
    @Test(arguments: [(EADDRINUSE, "in use"), (EACCES, "above 1023"), (EADDRNOTAVAIL, "address of this host")])
    func aWrongAddressIsToBlameOnTheConfiguration(_ code: Int32, _ words: String) {
        let error = WebServer.explain(IOError(errnoCode: code, reason: "bind"), .standard)
        #expect(error.isConfiguration)
        #expect(error.description.contains(words) && error.description.contains("127.0.0.1:9464"))
        #expect(error.description.contains("--web.listen-address"))
    }

    @Test func otherFailuresAreNotTheConfigurations() {
        #expect(!WebServer.explain(IOError(errnoCode: EMFILE, reason: "socket"), .standard).isConfiguration)
    }
}
