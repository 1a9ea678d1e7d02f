internal import CLibbpf
internal import Glibc

/// A feature of the kernel that programs depend on, found by asking the kernel for it alone.
///
/// The version is what the texts for the user name; it decides nothing, because distributions carry features back.
package struct KernelFeature: Sendable, Equatable {
    /// What it is, for the user, so that "NAME needs Linux 5.19" is a sentence.
    package let name: String
    /// The first release of Linux that had it, and the option that it may be built without.
    package let version: String
    private let probe: Probe

    private enum Probe: Sendable, Equatable {
        case file(String)
        case mapType(UInt32)
        case programType(UInt32)
        /// A helper that tracing programs may call.
        case helper(UInt32)
    }

    package static let typeInformation = KernelFeature(
        name: "the kernel's type information", version: "5.4 built with CONFIG_DEBUG_INFO_BTF",
        probe: .file("/sys/kernel/btf/vmlinux"))
    package static let ringBuffer = KernelFeature(
        name: "a ring buffer", version: "5.8", probe: .mapType(BPF_MAP_TYPE_RINGBUF.rawValue))
    package static let typedCurrentTask = KernelFeature(
        name: "typed access to the current task", version: "5.11",
        probe: .helper(UInt32(BPF_FUNC_get_current_task_btf.rawValue)))
    package static let syscallPrograms = KernelFeature(
        name: "running a BPF program by a system call", version: "5.14",
        probe: .programType(BPF_PROG_TYPE_SYSCALL.rawValue))
    package static let loops = KernelFeature(
        name: "a loop in a BPF program", version: "5.17", probe: .helper(UInt32(BPF_FUNC_loop.rawValue)))
    package static let remoteLookup = KernelFeature(
        name: "looking up another CPU's totals", version: "5.19",
        probe: .helper(UInt32(BPF_FUNC_map_lookup_percpu_elem.rawValue)))

    /// Every feature that some program of ours uses, oldest first.
    package static let all = [
        typeInformation, ringBuffer, typedCurrentTask, syscallPrograms, loops, remoteLookup,
    ]

    /// "NAME needs Linux VERSION".
    package var requirement: String { "\(name) needs Linux \(version)" }

    /// Whether the running kernel has it. Loads a tiny program or makes a tiny map: tens of microseconds, and the
    /// capabilities that loading takes; without them the answer is false.
    package var isSupported: Bool {
        _ = MessageLog.isInstalled
        defer { _ = MessageLog.take() }
        switch probe {
        case .file(let path): return unsafe access(path, R_OK) == 0
        case .mapType(let type): return libbpf_probe_bpf_map_type(bpf_map_type(type), nil) == 1
        case .programType(let type): return libbpf_probe_bpf_prog_type(bpf_prog_type(type), nil) == 1
        case .helper(let helper):
            return libbpf_probe_bpf_helper(BPF_PROG_TYPE_RAW_TRACEPOINT, bpf_func_id(helper), nil) == 1
        }
    }
}

extension BPFError {
    /// The kernel lacks a feature.
    package init(missing feature: KernelFeature) {
        self.init(operation: "account in the kernel", code: ENOTSUP, log: [feature.requirement])
    }
}
