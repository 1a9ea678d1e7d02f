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
        /// A program at the entry of a kernel function.
        case functionEntry(String)
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

    /// Some machines refuse it although their kernel is new enough: Arm before Linux 6.4, kernels built without function
    /// tracing, and virtual machines that may not change the text of the kernel.
    package static let functionHooks = KernelFeature(
        name: "attaching programs to kernel functions", version: "5.5 (on Arm 6.4) built with CONFIG_FUNCTION_TRACER",
        probe: .functionEntry("cgroup_freezer_migrate_task"))

    /// Every feature that some program of ours uses, oldest first.
    package static let all = [
        typeInformation, functionHooks, ringBuffer, typedCurrentTask, syscallPrograms, loops, remoteLookup,
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
        case .functionEntry(let function): return Self.canAttach(to: function)
        }
    }

    /// Attaches a program that does nothing, and takes it away again. Tens of milliseconds, most of them for the kernel's
    /// type information.
    private static func canAttach(to function: String) -> Bool {
        defer { _ = malloc_trim(0) }
        let id = unsafe libbpf_find_vmlinux_btf_id(function, BPF_TRACE_FENTRY)
        guard id > 0 else { return false }
        // r0 = 0; exit
        var (zero, exit) = (bpf_insn(), bpf_insn())
        zero.code = UInt8(BPF_ALU64 | BPF_MOV | BPF_K)
        exit.code = UInt8(BPF_JMP | BPF_EXIT)
        var options = unsafe bpf_prog_load_opts()
        unsafe options.sz = MemoryLayout<bpf_prog_load_opts>.size
        unsafe options.expected_attach_type = BPF_TRACE_FENTRY
        unsafe options.attach_btf_id = UInt32(id)
        let program = unsafe [zero, exit].withUnsafeBufferPointer {
            unsafe bpf_prog_load(BPF_PROG_TYPE_TRACING, "energyd_probe", "GPL", $0.baseAddress, $0.count, &options)
        }
        guard program >= 0 else { return false }
        defer { close(program) }
        let link = bpf_raw_tracepoint_open(nil, program)
        guard link >= 0 else { return false }
        close(link)
        return true
    }
}

extension BPFError {
    /// The kernel lacks a feature.
    package init(missing feature: KernelFeature) {
        self.init(operation: "account in the kernel", code: ENOTSUP, log: [feature.requirement])
    }
}
