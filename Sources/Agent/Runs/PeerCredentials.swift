internal import Glibc
internal import NIOCore

/// Who is at the other end of a unix socket, as the kernel noted it when that end connected. unix(7), SO_PEERCRED
struct PeerCredentials: Sendable, Equatable {
    /// In the agent's own namespace of processes; 0 where it is in another.
    var process: Int32
    var user: UInt32

    /// `struct ucred`, which strict C hides.
    private struct Record {
        var process: Int32 = 0
        var user: UInt32 = .max
        var group: UInt32 = .max
    }

    init(process: Int32, user: UInt32) {
        (self.process, self.user) = (process, user)
    }

    /// nil for a connection that is none of a unix socket.
    init?(of channel: any Channel) async {
        guard let provider = channel as? any SocketOptionProvider else { return nil }
        let found: Record? = try? await provider.unsafeGetSocketOption(
            level: .init(SOL_SOCKET), name: .init(SO_PEERCRED)
        ).get()
        // What a connection over the network has.
        guard let found, found.user != .max else { return nil }
        self.init(process: found.process, user: found.user)
    }
}
