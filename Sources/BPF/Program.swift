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
