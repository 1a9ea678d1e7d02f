internal import Glibc
internal import Linux
package import Settings
package import Snapshot

/// What the collector's address answers to a request that changes nothing there.
package enum EndpointAnswer: Sendable, Equatable {
    /// An HTTP status.
    case status(Int)
    /// No answer, and why.
    case failure(String)
}

/// Whether metrics can be sent by OTLP, and what became of those of a running agent.
///
/// - Parameters:
///   - answer: of the endpoint; nil where it was not asked.
///   - exports: of the agent's newest snapshot; nil without an agent.
package func exportChecks(_ otlp: OTLPValues, answer: EndpointAnswer?, exports: [Snapshot.ExportState]?) -> [Check] {
    guard let endpoint = otlp.endpoint else { return [Check("otlp", "endpoint", .absent, "metrics are not pushed")] }
    let target = Setting.shownEndpoint(endpoint)
    return (answer.map { [endpointCheck(target, $0)] } ?? []) + secretChecks(otlp, endpoint)
        + (otlp.queueDirectory.map { [queueCheck($0)] } ?? []) + (exports ?? []).map(deliveryCheck)
}

private func endpointCheck(_ target: String, _ answer: EndpointAnswer) -> Check {
    switch answer {
    case .failure(let reason):
        let isGRPC = target.contains(":4317")
        return Check(
            "otlp", "endpoint", .fail, "\(target): \(reason)",
            remedy: isGRPC
                ? "port 4317 is usually that of OTLP over gRPC, which is not spoken: use the HTTP receiver, port 4318"
                : "correct --otlp.endpoint, and see whether the collector runs and can be reached from here")
    case .status(404):
        return Check(
            "otlp", "endpoint", .warn, "\(target): HTTP 404, nothing is at this path",
            remedy: "a collector has /v1/metrics; docs/otlp.md has the paths of others")
    case .status(let status):
        // A receiver accepts POST only, and says so.
        return Check("otlp", "endpoint", .ok, "\(target) answers (HTTP \(status) to a request without metrics)")
    }
}

private func secretChecks(_ otlp: OTLPValues, _ endpoint: String) -> [Check] {
    var checks: [Check] = []
    for (name, path, content) in [
        ("headers", otlp.headersFile, "the headers"), ("key", otlp.keyFile, "the private key"),
    ] {
        guard let path else { continue }
        if let silence = PathProbe.silence(at: path, within: 2) {
            checks.append(
                Check(
                    "otlp", name, .fail, "\(silence)",
                    remedy: "nothing is sent without it: see what serves it, or put it on a disk of this machine"))
            continue
        }
        var status = stat()
        if stat(path, &status) != 0 {
            checks.append(
                Check(
                    "otlp", name, .fail, "\(path): \(String(cString: strerror(errno)))",
                    remedy: "nothing is sent without it: make it, readable for the agent's user"))
        } else if let exposed = ExposedSecret(path, content: content) {
            checks.append(Check("otlp", name, .warn, exposed.finding, remedy: exposed.remedy))
        }
    }
    let hasSecret = !otlp.headers.isEmpty || otlp.headersFile != nil
    let authority = endpoint.dropFirst("http://".count).prefix { !"/?#".contains($0) }
    if hasSecret, endpoint.lowercased().hasPrefix("http://"), !Loopback.contains(authority: authority) {
        checks.append(
            Check(
                "otlp", "encryption", .warn, "headers are sent in clear text",
                remedy: "use https:// where the network is not trusted"))
    }
    return checks
}

private func queueCheck(_ path: String) -> Check {
    if let silence = PathProbe.silence(at: path, within: 2) {
        return Check(
            "otlp", "queue", .warn, "\(silence)",
            remedy:
                "requests wait in memory meanwhile: see what serves it, or set --otlp.queue to a disk of this machine")
    }
    // The agent makes the directory, but no other above it.
    var status = stat()
    let isThere = stat(path, &status) == 0
    let parent = path.split(separator: "/").dropLast().map { "/\($0)" }.joined()
    let place = isThere ? path : parent.isEmpty ? "/" : parent
    guard access(place, W_OK | X_OK) == 0, !isThere || status.st_mode & S_IFMT == S_IFDIR else {
        let reason = isThere && status.st_mode & S_IFMT != S_IFDIR ? ENOTDIR : errno
        return Check(
            "otlp", "queue", .warn, "\(path) cannot be used: \(place): \(String(cString: strerror(reason)))",
            remedy: "requests wait in memory: set --otlp.queue to a directory of the agent's user")
    }
    return Check("otlp", "queue", .ok, "\(path) \(isThere ? "can be written" : "can be made")")
}

/// Whether a collector takes what is sent to it: the same for `energyctl doctor` and `/api/v1/status`.
func deliveryCheck(_ state: Snapshot.ExportState) -> Check {
    let age = state.ageSeconds.map { "the last success \(Int($0)) s ago" } ?? "no success yet"
    var finding = "\(state.target): \(state.sentPoints) data points sent, \(age)"
    if state.queuedRequests > 0 { finding += ", \(state.queuedRequests) requests wait" }
    if state.rejectedPoints > 0 { finding += ", \(state.rejectedPoints) rejected by the collector" }
    if state.droppedPoints > 0 { finding += ", \(state.droppedPoints) dropped by the queue" }
    if let error = state.lastError { finding += "; \(error)" }
    let isLossless = state.rejectedPoints == 0 && state.droppedPoints == 0
    guard state.lastError == nil, isLossless else {
        return Check(
            "otlp", "delivery", .warn, finding,
            remedy: "see whether the collector runs and takes metrics; docs/otlp.md, \"What is lost, and when\", "
                + "explains each")
    }
    return Check("otlp", "delivery", .ok, finding)
}
