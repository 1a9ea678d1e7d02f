internal import Fetching
internal import Linux
internal import Metering

/// Why a document could not be had.
struct RedfishFault: Error, Sendable {
    enum Kind {
        /// The account is refused.
        case credentials
        /// This document is not for this account.
        case forbidden
        case missing
        case other
    }

    let kind: Kind
    let diagnosis: Diagnosis

    init(_ kind: Kind, _ diagnosis: Diagnosis) {
        self.kind = kind
        self.diagnosis = diagnosis
    }
}

/// Asks a Redfish service for documents.
struct RedfishClient: Sendable {
    static let largestResponse = 1 << 20
    private static let mostRedirects = 5

    let origin: RedfishOrigin
    private let url: String
    private let credentials: RedfishCredentials
    private let fetcher: Fetcher

    init(_ settings: RedfishSettings, origin: RedfishOrigin, fetcher: Fetcher) {
        url = settings.url
        credentials = settings.credentials
        self.origin = origin
        self.fetcher = fetcher
    }

    func close() async { await fetcher.close() }

    /// The document at a path of this service, redirects within it followed.
    ///
    /// - Parameter patience: how long all of that may take.
    func get(_ path: String, within patience: Duration) async throws(RedfishFault) -> [UInt8] {
        var path = path
        let elapsed = stopwatch(ContinuousClock())
        for _ in 0...Self.mostRedirects {
            let answer = try await ask(path, within: max(patience - elapsed(), .milliseconds(1)))
            guard [301, 302, 303, 307, 308].contains(answer.head.status) else {
                try check(answer.head.status, path, answer.body)
                return withoutByteOrderMark(answer.body)
            }
            path = try destination(of: answer.head, from: path)
        }
        throw fault("too many redirects", path)
    }

    private func ask(_ path: String, within patience: Duration) async throws(RedfishFault) -> (
        head: FetchHead, body: [UInt8]
    ) {
        var headers = [
            (name: "Accept", value: "application/json"), ("OData-Version", "4.0"), ("User-Agent", "energyd"),
        ]
        do {
            if let value = try credentials.authorization() { headers.append(("Authorization", value)) }
        } catch {
            throw RedfishFault(.credentials, error)
        }
        do {
            return try await fetcher.ask(
                url + path, headers: headers, limits: BodyLimits(total: patience, bytes: Self.largestResponse))
        } catch let failure as FetchFailure {
            throw RedfishFault(.other, explain(failure, path))
        } catch {
            throw fault("the request was cancelled", path)
        }
    }

    private func destination(of head: FetchHead, from path: String) throws(RedfishFault) -> String {
        guard let location = head.first("Location") else {
            throw fault("HTTP \(head.status): a redirect without a destination", path)
        }
        switch origin.target(of: location, from: path) {
        case .path(let path): return path
        case .invalid: throw fault("HTTP \(head.status): a redirect to something that is no address", path)
        case .elsewhere(let host):
            throw fault(
                "HTTP \(head.status): a redirect to \(printable(host, limit: 80)), which does not get the credentials",
                path,
                remedy: "set --power.redfish.url to where the service is")
        }
    }

    private func check(_ status: Int, _ path: String, _ body: [UInt8]) throws(RedfishFault) {
        let remedy = "set --power.redfish.credentials to a file with USER:PASSWORD of an account with read access"
        let name = name(of: path)
        if status == 200 { return }
        let error = RedfishError(withoutByteOrderMark(body))
        let reason = error?.suffix ?? ""
        switch status {
        case 400..<500 where error?.message == "PasswordChangeRequired":
            throw RedfishFault(
                .credentials,
                Diagnosis(
                    .permission, "\(name): HTTP \(status): the BMC asks for a new password of this account first",
                    remedy: "change the account's password, and then the file of --power.redfish.credentials"))
        case 401:
            throw RedfishFault(
                .credentials,
                Diagnosis(.permission, "\(name): HTTP 401: the BMC refuses the credentials\(reason)", remedy: remedy))
        case 403:
            throw RedfishFault(
                .forbidden,
                Diagnosis(.permission, "\(name): HTTP 403: the account may not read it\(reason)", remedy: remedy))
        case 404, 410:
            throw RedfishFault(
                .missing,
                Diagnosis(
                    .missing, "\(name): HTTP \(status)",
                    remedy: "check that --power.redfish.url is a Redfish service"))
        default: throw fault("HTTP \(status)\(reason)", path)
        }
    }

    func fault(_ words: String, _ path: String, remedy: String? = nil) -> RedfishFault {
        RedfishFault(.other, Diagnosis(.unreachable, "\(name(of: path)): \(words)", remedy: remedy))
    }

    /// The address of a document, for messages.
    func name(of path: String) -> String { printable(url + path) }

    private func explain(_ failure: FetchFailure, _ path: String) -> Diagnosis {
        let remedy: String? =
            switch failure.code {
            case .notTrusted:
                "set --power.redfish.ca to the certificate of its authority or, on a trusted network, turn "
                    + "verification off with --power.redfish.insecure"
            case .noTLS, .notHTTP: "check the scheme and the port of --power.redfish.url"
            case .refused, .noRoute, .nameNotFound, .timedOut, .silent:
                "check --power.redfish.url, and that this node reaches the BMC"
            default: nil
            }
        return Diagnosis(.unreachable, "\(name(of: path)): \(failure)", remedy: remedy)
    }
}
