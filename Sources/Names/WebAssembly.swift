/// Tells which containers are WebAssembly modules, and what runs them.
///
/// Sources: containerd/runwasi, README; containerd's `runtime/v2` (names of shims); crun, `docs/wasm-wasi-example.md` and
/// `src/libcrun/handlers`.
enum WebAssembly {
    /// Runtimes by the names of their shims and of crun's handlers; besides, what begins with `wasm`.
    private static let runtimes: Set<String> = ["lunatic", "slight", "spin", "wamr", "wws"]
    private static let daemons: Set<String> = ["wasmtime", "wasmedge", "wasmer"]
    /// Where a container is one and nothing shows which runtime it has.
    private static let unknown = "wasm"

    /// The runtime of a container; nil for what is not WebAssembly, as far as its files show.
    ///
    /// - Parameters:
    ///   - shim: the path of containerd's shim or its runtime's name, such as `/usr/bin/containerd-shim-wasmtime-v1` and
    ///     `io.containerd.wasmtime.v1`.
    ///   - annotations: of the container's specification.
    ///   - program: the first of its arguments.
    static func runtime(shim: String? = nil, annotations: [String: String] = [:], program: String? = nil) -> String? {
        // Its pause container is an ordinary process, whatever the pod is.
        let type = annotations["io.kubernetes.cri.container-type"] ?? annotations["io.kubernetes.cri-o.ContainerType"]
        guard type != "sandbox" else { return nil }
        if let runtime = shim.flatMap(runtime(ofShim:)) { return runtime }
        let isModule = program.map { Self.isModule($0[...].utf8) } ?? false
        switch annotations["run.oci.handler"] {
        case "wasm": return unknown
        case "wasm-smart": return isModule ? unknown : nil
        case let handler? where isRuntime(handler): return handler
        case nil: if annotations["module.wasm.image/variant"] == "compat" { return unknown }
        default: break
        }
        // Also of `compat-smart`, crun under the name crun-wasm, and whatever else: nothing else runs such a file.
        return isModule ? unknown : nil
    }

    private static func runtime(ofShim shim: String) -> String? {
        let name = shim.utf8.split(separator: UInt8(ascii: "/")).last.map { Substring($0) } ?? ""
        guard let prefix = ["containerd-shim-", "io.containerd."].first(where: { name.hasPrefix($0) }) else {
            return nil
        }
        // `wasmtime-v1`, `wasmtime.v1`
        let parts = name.dropFirst(prefix.count).utf8.split { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") }
        let runtime = parts.first.map { String(Substring($0)) } ?? ""
        // Shims that leave the work to a daemon for all containers are called after it: `wasmtimed`.
        let ofDaemon = String(runtime.dropLast())
        if runtime.hasSuffix("d"), daemons.contains(ofDaemon) { return ofDaemon }
        return isRuntime(runtime) ? runtime : nil
    }

    private static func isRuntime(_ name: String) -> Bool {
        // `wasm` alone is a handler that may be any.
        runtimes.contains(name) || name.hasPrefix("wasm") && name != "wasm" && name != "wasm-smart"
    }

    private static func isModule(_ program: Substring.UTF8View) -> Bool {
        let ending = program.suffix(5).map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
        return ending == Array(".wasm".utf8) || ending.suffix(4) == Array(".wat".utf8)
    }
}
