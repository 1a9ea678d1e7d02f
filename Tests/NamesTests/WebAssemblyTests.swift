import Linux
import TestSupport
import Testing
import Workloads

@testable import Names

/// Containers that are WebAssembly modules.
@Suite struct WebAssemblyTests {
    @Test(arguments: [
        ("/usr/local/bin/containerd-shim-wasmtime-v1", "wasmtime"), ("containerd-shim-wasmedge-v1", "wasmedge"),
        ("containerd-shim-wasmtimed-v1", "wasmtime"), ("containerd-shim-wasmedged-v1", "wasmedge"),
        ("/opt/kwasm/bin/containerd-shim-spin-v2", "spin"), ("containerd-shim-slight-v1", "slight"),
        ("io.containerd.wasmer.v1", "wasmer"), ("io.containerd.wamr.v1", "wamr"), ("containerd-shim-wws-v1", "wws"),
        ("/usr/bin/containerd-shim-runc-v2", nil), ("io.containerd.runc.v2", nil), ("io.containerd.kata.v2", nil),
        ("runc", nil), ("/opt/wasmtime/containerd-shim-runc-v2", nil), ("", nil), ("/", nil),
    ])
    func shims(_ shim: String, _ runtime: String?) {
        #expect(WebAssembly.runtime(shim: shim) == runtime)
    }

    @Test func annotationsAndPrograms() {
        func runtime(_ annotations: [String: String], _ program: String = "/bin/sh") -> String? {
            WebAssembly.runtime(annotations: annotations, program: program)
        }
        #expect(runtime(["run.oci.handler": "wasm"]) == "wasm")
        #expect(runtime(["run.oci.handler": "wasmedge"]) == "wasmedge")
        #expect(runtime(["run.oci.handler": "krun"]) == nil)
        #expect(runtime(["module.wasm.image/variant": "compat"]) == "wasm")
        // Only what is a module: sidecars of the same pod have the annotation too.
        for smart in [["module.wasm.image/variant": "compat-smart"], ["run.oci.handler": "wasm-smart"]] {
            #expect(runtime(smart) == nil)
            #expect(runtime(smart, "/app.wasm") == "wasm")
            #expect(runtime(smart, "/APP.WAT") == "wasm")
        }
        #expect(runtime([:], "hello.wasm") == "wasm")
        #expect(runtime([:]) == nil && runtime([:], "wasm") == nil && runtime([:], "") == nil)
    }

    /// The pause container of a pod belongs to the same shim.
    @Test func theSandboxIsAProcess() {
        let notes = ["io.kubernetes.cri.container-type": "sandbox", "run.oci.handler": "wasm"]
        #expect(WebAssembly.runtime(shim: "containerd-shim-spin-v2", annotations: notes, program: "/pause") == nil)
    }

    @Test func everyEngineTellsIt() throws {
        let directory = try TemporaryDirectory()
        let id = String(repeating: "ab12", count: 16)
        func runtime(_ source: LocalSource, _ path: String, of user: UInt32? = nil) throws -> String? {
            let identity = CgroupIdentity(cgroupPath: path, ground: user.map { UserGround(depth: 1, user: $0) })
            return try source.facts(of: identity, HostPaths(rootfs: directory.path))["container.wasm.runtime"]
        }
        let bundle = "run/containerd/io.containerd.runtime.v2.task/k8s.io/\(id)"
        try directory.write(#"{"process":{"args":["/"]}}"#, to: "\(bundle)/config.json")
        #expect(try runtime(.containerd, "/kubepods/pod/\(id)") == nil)
        try directory.write("/usr/bin/containerd-shim-wasmtime-v1", to: "\(bundle)/shim-binary-path")
        #expect(try runtime(.containerd, "/kubepods/pod/\(id)") == "wasmtime")

        let specification = #"{"annotations":{"run.oci.handler":"wasmer"},"process":{"args":["/a.wasm"]}}"#
        try directory.write(
            specification, to: "run/containers/storage/overlay-containers/\(id)/userdata/config.json")
        #expect(try runtime(.crio, "/kubepods/crio-\(id)") == "wasmer")

        let docker = "var/lib/docker/containers/\(id)"
        try directory.write(#"{"Name":"/web"}"#, to: "\(docker)/config.v2.json")
        #expect(try runtime(.docker, "/docker/\(id)") == nil)
        try directory.write(#"{"Runtime":"io.containerd.wasmedge.v1"}"#, to: "\(docker)/hostconfig.json")
        #expect(try runtime(.docker, "/docker/\(id)") == "wasmedge")

        try directory.write("me:x:1000:1000::/home/me:/bin/sh\n", to: "etc/passwd")
        for storage in ["var/lib", "home/me/.local/share"] {
            let containers = "\(storage)/containers/storage/vfs-containers"
            try directory.write(#"[{"id":"\#(id)","names":["web"]}]"#, to: "\(containers)/containers.json")
            try directory.write(#"{"process":{"args":["/a.wasm"]}}"#, to: "\(containers)/\(id)/userdata/config.json")
        }
        #expect(try runtime(.podman, "/machine.slice/libpod-\(id).scope") == "wasm")
        #expect(try runtime(.podman, "/user.slice/libpod-\(id).scope", of: 1000) == "wasm")
    }
}
