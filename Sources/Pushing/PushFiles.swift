package import Linux

/// How the queue's directory is reached. Tests replace it: no disk fails when it is asked to.
package struct PushFiles: Sendable {
    /// Why the file system at a path cannot be used at present; nil where it answers. Waits for a second at most.
    package var silence: @Sendable (_ path: String) -> HostError? = { PathProbe.silence(at: $0, within: 1) }
    /// The content of a file, as many bytes of it at most.
    package var read: @Sendable (_ path: String, _ limit: Int) throws(HostError) -> [UInt8] = {
        (path, limit) throws(HostError) in try readFile(path, limit: limit)
    }

    package init() {}
}
