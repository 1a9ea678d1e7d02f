internal import Glibc

/// A call into libbpf or the kernel that failed.
package struct BPFError: Error, CustomStringConvertible, Sendable {
    /// What was being done, in words: "load the kernel programs".
    package let operation: String
    /// The kernel's error number, positive.
    package let code: Int32
    /// What names the cause: the last lines that libbpf and the verifier printed, or the feature that is missing.
    package let log: [String]

    package init(operation: String, code: Int32, log: [String] = []) {
        self.operation = operation
        self.code = code
        self.log = log
    }

    /// True where the caller lacks a capability.
    package var isPermission: Bool { code == EPERM || code == EACCES }

    package var description: String {
        let reason = unsafe String(cString: strerror(code))
        let words = log.isEmpty ? "" : ": " + log.joined(separator: " | ")
        return "cannot \(operation): \(reason)\(words)"
    }
}

/// Turns libbpf's "negative errno or count" into a throw.
@discardableResult
func check(_ result: Int32, _ operation: @autoclosure () -> String) throws(BPFError) -> Int32 {
    guard result < 0 else { return result }
    throw BPFError(operation: operation(), code: -result, log: MessageLog.take())
}
