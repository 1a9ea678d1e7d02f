internal import Linux

/// What is used of an OCI runtime specification, the `config.json` of a bundle.
struct Specification: Decodable {
    struct Process: Decodable {
        var args: [String]?
    }

    var annotations: [String: String]?
    var process: Process?

    /// The WebAssembly runtime of the container; nil for ordinary processes.
    ///
    /// - Parameter shim: the path of containerd's shim.
    func webAssembly(shim: String? = nil) -> String? {
        WebAssembly.runtime(shim: shim, annotations: annotations ?? [:], program: process?.args?.first)
    }
}
