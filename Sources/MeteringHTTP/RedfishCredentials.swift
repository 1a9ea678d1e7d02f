internal import FoundationEssentials
internal import Linux
internal import Metering

/// The file with the account of a BMC.
struct RedfishCredentials: Sendable {
    /// Nil where the BMC is asked without an account.
    let file: String?

    /// The value of the header `Authorization`; nil where no file is named. As bytes, because a password need not be
    /// UTF-8.
    func authorization() throws(Diagnosis) -> String? {
        guard let file else { return nil }
        let line: [UInt8]
        do {
            line = try readFirstLine(file, limit: 4096)
        } catch {
            throw Diagnosis(
                .permission, "\(error)",
                remedy: "--power.redfish.credentials names a file that only the agent's user may read")
        }
        guard line.contains(UInt8(ascii: ":")) else {
            throw Diagnosis(.garbage, "\(file): the first line is not USER:PASSWORD")
        }
        return "Basic " + Data(line).base64EncodedString()
    }

    /// Changes when the account does, or when its file can be read again.
    var version: String? { try? authorization() }
}
