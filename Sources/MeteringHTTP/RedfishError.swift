internal import Linux

/// The body of an answer that is an error, whatever its status: DSP0266, `error` with `@Message.ExtendedInfo`.
struct RedfishError {
    /// `PasswordChangeRequired`, without registry and version; nil where there is none.
    let message: String?

    /// Nil where the document is none.
    init?(_ document: LooseJSON) {
        guard let error = document["error"]?.single, error.isObject, document["@odata.id"] == nil else { return nil }
        let details = error["@Message.ExtendedInfo"]?.list ?? []
        let id = details.lazy.compactMap { $0["MessageId"]?.text }.first ?? error["code"]?.text
        message = id.flatMap { $0.split(separator: ".").last }.map { printable(String($0), limit: 60) }
    }

    init?(_ bytes: [UInt8]) {
        guard let document = LooseJSON(bytes)?.single else { return nil }
        self.init(document)
    }

    /// ` (LicenseKeyRequired)`, for messages.
    var suffix: String { message.map { " (\($0))" } ?? "" }
}
