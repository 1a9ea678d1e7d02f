internal import Glibc
internal import Linux
package import Settings

/// Whether the agent can listen where it is to, or does so.
///
/// - Parameter agent: the process id of an agent that runs; nil where there is none.
package func servingChecks(_ web: WebValues, agent: Int32?) -> [Check] {
    [portCheck(web.listen, agent: agent)] + (web.socketPath.map { [socketCheck($0, agent: agent)] } ?? [])
}

/// Whether Prometheus sees the beginning of counters whose names come late, and the end of those that are soon over.
///
/// - Parameters:
///   - zero: how long counters of new workloads are zero.
///   - wait: how long names are waited for.
///   - retention: how long what ended is shown.
package func counterCheck(zero: Duration, wait: Duration, retention: Duration) -> Check {
    func check(_ status: Check.Status, _ finding: String, _ remedy: String? = nil) -> Check {
        Check("serving", "counters", status, finding, remedy: remedy)
    }
    guard zero > .zero else {
        return check(.absent, "counters of new workloads do not start at zero: increase() misses their beginning")
    }
    guard zero > wait else {
        return check(
            .warn, "names are waited for until counters no longer start at zero: increase() misses their beginning",
            "make --metrics.start-at-zero longer than --metrics.name-wait and the interval between scrapes together")
    }
    guard retention > zero else {
        return check(
            .warn, "workloads that end soon are no longer shown once their counters have left zero",
            "make --retention longer than --metrics.start-at-zero")
    }
    return check(.ok, "increase() counts new workloads from their beginning, and short ones to their end")
}

private func portCheck(_ listen: ListenAddress, agent: Int32?) -> Check {
    func check(_ status: Check.Status, _ finding: String, _ remedy: String? = nil) -> Check {
        Check("serving", "port", status, finding, remedy: remedy)
    }
    guard listen.port != 0 else { return check(.ok, "\(listen): the kernel chooses the port") }
    switch bindError(listen) {
    case 0: return check(.ok, agent == nil ? "\(listen) is free" : "\(listen) is free: the agent listens elsewhere")
    case EADDRINUSE:
        if let agent { return check(.ok, "\(listen) is in use while the agent runs (process \(agent))") }
        return check(
            .fail, "\(listen) is in use by another program",
            "stop it (`ss -ltnp` names it) or choose another port with --web.listen-address")
    case EACCES:
        return check(
            .fail, "\(listen): ports below 1024 need CAP_NET_BIND_SERVICE, which the agent drops",
            "choose a port above 1023 with --web.listen-address")
    case EADDRNOTAVAIL:
        return check(
            .fail, "\(listen): this host has no such address", "give one of this host's with --web.listen-address")
    case let code?: return check(.fail, "\(listen): \(String(cString: strerror(code)))")
    case nil: return check(.fail, "\(listen): no such host", "give an address of this host with --web.listen-address")
    }
}

/// What binding the address fails with; 0 where it works, nil where the host has no address.
private func bindError(_ listen: ListenAddress) -> Int32? {
    var hints = addrinfo()
    hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var found: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(listen.isEveryInterface ? nil : listen.host, "\(listen.port)", &hints, &found) == 0, let found
    else { return nil }
    defer { freeaddrinfo(found) }
    let descriptor = socket(found.pointee.ai_family, found.pointee.ai_socktype | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return errno }
    defer { close(descriptor) }
    // As the server does: connections that were closed a moment ago do not matter.
    var on: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
    return bind(descriptor, found.pointee.ai_addr, found.pointee.ai_addrlen) == 0 ? 0 : errno
}

private func socketCheck(_ path: String, agent: Int32?) -> Check {
    func check(_ status: Check.Status, _ finding: String, _ remedy: String? = nil) -> Check {
        Check("serving", "socket", status, finding, remedy: remedy)
    }
    if let silence = PathProbe.silence(at: parentDirectory(of: path), within: 2) {
        return check(.fail, "\(silence)", "see what serves it, or set --web.socket to a path on this machine")
    }
    var status = stat()
    if lstat(path, &status) == 0 {
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            return check(.warn, "\(path) exists and is not a socket", "remove it, or choose another with --web.socket")
        }
        return check(.ok, "\(path) \(agent == nil ? "was left by an agent, the next one replaces it" : "is there")")
    }
    // The agent makes the directory, but no other above it.
    let directory = parentDirectory(of: path)
    let place = fileExists(directory) ? directory : parentDirectory(of: directory)
    guard access(place, W_OK | X_OK) == 0 else {
        return check(
            .warn, "\(path) cannot be made: \(place): \(String(cString: strerror(errno)))",
            "choose a directory of the agent's user with --web.socket")
    }
    return check(.ok, "\(path) can be made")
}
