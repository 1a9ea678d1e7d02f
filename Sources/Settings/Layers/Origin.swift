/// Where a value comes from.
package enum Origin: Sendable, Equatable {
    /// The default of the program.
    case standard
    /// A default that depends on the host, with what it was taken from.
    case host(String)
    /// The recording that is replayed.
    case recording
    case file(path: String, line: Int)
    case environment(String)
    case flag(String)

    /// `default`, `host`, `file`, `environment` or `flag`.
    package var kind: String {
        switch self {
        case .standard: "default"
        case .host: "host"
        case .recording: "recording"
        case .file: "file"
        case .environment: "environment"
        case .flag: "flag"
        }
    }

    /// `file /etc/energyd/energyd.conf:3`, for people.
    package var description: String { place.map { "\(kind) \($0)" } ?? kind }

    /// `/etc/energyd/energyd.conf:3`; nil for the program's own default.
    package var place: String? {
        switch self {
        case .standard, .recording: nil
        case .host(let what): what
        case .file(let path, let line): "\(path):\(line)"
        case .environment(let variable): variable
        case .flag(let flag): flag
        }
    }

    /// The beginning of a message about the value of `setting` there.
    func subject(_ setting: Setting) -> String {
        switch self {
        case .file(let path, let line): "\(path):\(line): \(setting.key)"
        case .environment(let variable): "environment variable \(variable)"
        case .flag(let flag): flag
        case .recording: "\(setting.key) of the recording"
        case .standard, .host: setting.key
        }
    }

    /// Higher layers win over lower ones.
    var rank: Int {
        switch self {
        case .standard, .host, .recording: 0
        case .file: 1
        case .environment: 2
        case .flag: 3
        }
    }
}
