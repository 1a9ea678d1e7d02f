internal import Linux

/// Why a meter cannot be used, and what to do about it.
package struct Diagnosis: Error, Sendable, Equatable, Codable, CustomStringConvertible {
    package enum Code: String, Sendable, Codable {
        /// The machine has no such meter, or its driver is not loaded.
        case missing
        /// No machine of this kind can have it: nothing to do.
        case inapplicable
        case permission
        /// A container engine hides it.
        case masked
        /// It exists, and its content makes no sense.
        case garbage
        /// It does not answer.
        case unreachable
        /// It needs configuration.
        case notConfigured
    }

    package let code: Code
    /// What was found, with the path.
    package let finding: String
    package let remedy: String?

    package init(_ code: Code, _ finding: String, remedy: String? = nil) {
        self.code = code
        self.finding = finding
        self.remedy = remedy
    }

    /// - Parameter permission: the remedy where the file may not be read.
    init(_ error: HostError, permission: String) {
        let code: Code =
            switch error.code {
            case .missing: .missing
            case .permission: .permission
            case .malformed: .garbage
            case .other: .unreachable
            }
        self.init(code, error.description, remedy: error.code == .permission ? permission : nil)
    }

    package var description: String { remedy.map { "\(finding): \($0)" } ?? finding }
}
