internal import CLibbpf
internal import Glibc

/// A loaded program that is run on demand, through `BPF_PROG_TEST_RUN`.
package struct Program: Sendable {
    package let name: String
    let descriptor: Int32

    /// Runs a raw tracepoint program on one CPU: by an interrupt there, unless it is the caller's own.
    /// `ENXIO` where that CPU is not online.
    package func run(onCPU cpu: Int) throws(BPFError) {
        var options = unsafe bpf_test_run_opts()
        unsafe options.sz = MemoryLayout<bpf_test_run_opts>.size
        unsafe options.flags = UInt32(BPF_F_TEST_RUN_ON_CPU)
        unsafe options.cpu = UInt32(clamping: cpu)
        try check(unsafe bpf_prog_test_run_opts(descriptor, &options), "run \(name) on CPU \(cpu)")
    }

    /// Runs a `syscall` program with `context`, which it may change.
    package func run<Context: BitwiseCopyable>(_ context: inout Context) throws(BPFError) {
        var options = unsafe bpf_test_run_opts()
        unsafe options.sz = MemoryLayout<bpf_test_run_opts>.size
        unsafe options.ctx_size_in = UInt32(MemoryLayout<Context>.size)
        let result = unsafe withUnsafeMutableBytes(of: &context) { bytes in
            unsafe options.ctx_in = UnsafeRawPointer(bytes.baseAddress)
            return unsafe bpf_prog_test_run_opts(descriptor, &options)
        }
        try check(result, "run \(name)")
    }
}

extension Program {
    /// True while the kernel has a program of this number, loaded by any process. Needs CAP_SYS_ADMIN.
    package static func isLoaded(id: UInt32) -> Bool {
        let descriptor = bpf_prog_get_fd_by_id(id)
        guard descriptor >= 0 else { return false }
        close(descriptor)
        return true
    }

    /// What the kernel reports about a loaded program.
    package struct Facts: Sendable {
        /// Instructions that the verifier walked through; 0 before Linux 5.16.
        package let verifiedInstructions: Int
        /// Time in the program and number of runs, only while that measurement is switched on.
        package let runNanoseconds: UInt64
        package let runs: UInt64
        /// Times that the program was skipped because it was running already on that CPU.
        package let recursionMisses: UInt64
    }

    package func facts() throws(BPFError) -> Facts {
        var info = bpf_prog_info()
        var size = UInt32(MemoryLayout<bpf_prog_info>.size)
        try check(unsafe bpf_obj_get_info_by_fd(descriptor, &info, &size), "describe the program \(name)")
        return Facts(
            verifiedInstructions: Int(info.verified_insns), runNanoseconds: info.run_time_ns, runs: info.run_cnt,
            recursionMisses: info.recursion_misses)
    }
}
