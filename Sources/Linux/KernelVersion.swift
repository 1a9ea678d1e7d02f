internal import Glibc

/// What the kernel says of itself.
package struct KernelVersion: Sendable, Equatable {
    /// `6.12.57+deb13-amd64`
    package let release: String
    /// As OpenTelemetry's attribute `host.arch` has it: `amd64`, `arm64`, ...
    package let architecture: String

    /// Nil where it does not answer.
    package static var current: KernelVersion? {
        var name = utsname()
        guard uname(&name) == 0 else { return nil }
        func text<T>(_ field: T) -> String {
            withUnsafeBytes(of: field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        }
        let names = ["x86_64": "amd64", "aarch64": "arm64", "armv7l": "arm32", "ppc64le": "ppc64"]
        let machine = text(name.machine)
        return KernelVersion(release: text(name.release), architecture: names[machine] ?? machine)
    }
}
