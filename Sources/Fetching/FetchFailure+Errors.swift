internal import AsyncHTTPClient
internal import Glibc
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix

/// What is known about a request when it fails.
struct FetchProgress: Sendable {
    var connect: Duration
    var silence: Duration
    /// For the head of the answer.
    var head: Duration
    /// True once the head of the answer is here.
    var hasHead = false
}

extension FetchFailure {
    /// Puts an error of the libraries below into words.
    init(_ error: any Error, _ progress: FetchProgress) {
        switch error {
        case let error as FetchFailure: self = error
        case let error as IOError: self.init(errno: error.errnoCode)
        case let error as NIOConnectionError: self.init(error, progress)
        case let error as HTTPClientError: self.init(error, progress)
        case ChannelError.connectTimeout:
            self.init(.timedOut, "no connection within \(progress.connect.inWords)")
        case let error as SocketAddressError: self.init(error)
        case HTTPParserError.headerOverflow: self.init(.tooLarge, "the header of its answer is too large")
        case HTTPParserError.invalidEOFState:
            self.init(.closed, "it closed the connection in the middle of its answer")
        case is HTTPParserError: self.init(.notHTTP, "what it sends is not HTTP")
        case is ChannelError: self.init(closedAfterHead: progress.hasHead)
        default: self = Self.ofTLS(error) ?? Self.init(.other, "the request failed")
        }
    }

    private init(closedAfterHead hasHead: Bool) {
        self.init(.closed, "it closed the connection \(hasHead ? "in the middle of" : "without") its answer")
    }

    private init(errno code: Int32) {
        switch code {
        case ECONNREFUSED: self.init(.refused, "connection refused: nothing listens there")
        case ENOENT, ENOTDIR: self.init(.missing, "no such file or directory")
        case EACCES, EPERM: self.init(.notPermitted, "permission denied")
        case EHOSTUNREACH, ENETUNREACH, EHOSTDOWN, ENETDOWN: self.init(.noRoute, "no route to it")
        case ETIMEDOUT: self.init(.timedOut, "no answer from its host")
        case ECONNRESET, EPIPE, ECONNABORTED: self.init(.closed, "it reset the connection")
        default: self.init(.other, String(cString: strerror(code)))
        }
    }

    private init(_ error: NIOConnectionError, _ progress: FetchProgress) {
        if let cause = error.connectionErrors.first?.error {
            self.init(cause, progress)
        } else {
            self.init(.nameNotFound, "its name cannot be resolved")
        }
    }

    private init(_ error: SocketAddressError) {
        if error == .unixDomainSocketPathTooLong {
            self.init(.other, "the path of the socket is longer than 107 bytes")
        } else {
            self.init(.nameNotFound, "its name cannot be resolved")
        }
    }

    private init(_ error: HTTPClientError, _ progress: FetchProgress) {
        switch error {
        case .connectTimeout, .tlsHandshakeTimeout, .getConnectionFromPoolTimeout:
            self.init(.timedOut, "no connection within \(progress.connect.inWords)")
        case .readTimeout, .writeTimeout:
            let silence = progress.silence.inWords
            if progress.hasHead {
                self.init(.silent, "silent for \(silence) in its answer")
            } else {
                self.init(.timedOut, "no answer within \(silence)")
            }
        case .deadlineExceeded: self.init(.timedOut, "no answer within \(progress.head.inWords)")
        case .remoteConnectionClosed: self.init(closedAfterHead: progress.hasHead)
        case .uncleanShutdown: self.init(.closed, "it broke the TLS connection off in the middle of its answer")
        case .invalidURL, .emptyHost, .emptyScheme: self.init(.other, "not a valid address")
        default: self.init(.other, "the request failed")
        }
    }
}
