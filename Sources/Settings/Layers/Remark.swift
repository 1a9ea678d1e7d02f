/// Something in the configuration that is not used, and what to do about it. Never has a value that may be a secret.
package struct Remark: Sendable, Equatable {
    package let finding: String
    package let remedy: String

    package init(_ finding: String, remedy: String) {
        self.finding = finding
        self.remedy = remedy
    }
}
