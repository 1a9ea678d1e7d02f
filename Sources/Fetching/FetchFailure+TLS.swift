internal import NIOSSL

extension FetchFailure {
    /// An error of TLS in words; nil for another one.
    static func ofTLS(_ error: any Error) -> FetchFailure? {
        switch error {
        case let error as NIOSSLExtraError:
            guard [.failedToValidateHostname, .serverHostnameImpossibleToMatch].contains(error) else {
                return FetchFailure(.noTLS, "TLS failed: its name cannot be used for TLS")
            }
            return FetchFailure(.notTrusted, "its certificate is for another name")
        case NIOSSLError.handshakeFailed(let cause): return ofHandshake("\(cause)")
        case NIOSSLError.uncleanShutdown:
            return FetchFailure(.closed, "it broke the TLS connection off in the middle of its answer")
        case NIOSSLError.noCertificateToValidate, NIOSSLError.unableToValidateCertificate:
            return FetchFailure(.notTrusted, "it showed no certificate that can be verified")
        case is NIOSSLError, is BoringSSLError: return FetchFailure(.noTLS, "TLS failed")
        default: return nil
        }
    }

    /// - Parameter reasons: BoringSSL's, which it gives as text only.
    private static func ofHandshake(_ reasons: String) -> FetchFailure {
        let known: [(String, Code, String)] = [
            (
                "CERTIFICATE_VERIFY_FAILED", .notTrusted,
                "its certificate is not signed by an authority that is trusted here"
            ),
            ("WRONG_VERSION_NUMBER", .noTLS, "it does not speak TLS on this port"),
            ("HTTP_REQUEST", .noTLS, "it does not speak TLS on this port"),
            ("UNSUPPORTED_PROTOCOL", .noTLS, "it speaks only versions of TLS that are no longer safe"),
            ("PROTOCOL_VERSION", .noTLS, "it speaks only versions of TLS that are no longer safe"),
            ("CERTIFICATE_REQUIRED", .notTrusted, "it asks for a client certificate"),
            ("HANDSHAKE_FAILURE", .noTLS, "it accepts none of this side's ciphers"),
            ("EOF during handshake", .closed, "it closed the connection during the TLS handshake"),
        ]
        for (reason, code, words) in known where reasons.contains(reason) { return FetchFailure(code, words) }
        return FetchFailure(.noTLS, "the TLS handshake failed")
    }
}
