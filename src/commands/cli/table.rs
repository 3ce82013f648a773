//! Tables as Go's tabwriter aligns them. Models cli-runtime/pkg/printers.

/// Blanks between columns.
const PADDING: usize = 3;

/// No column is narrower, its blanks included.
const MIN_WIDTH: usize = 6;

/// Lines with their cells in columns, each as wide as its widest cell.
pub fn table(headers: Option<&[String]>, rows: &[Vec<String>]) -> String {
    let all: Vec<&[String]> = headers.into_iter().chain(rows.iter().map(Vec::as_slice)).collect();
    let count = all.iter().map(|row| row.len()).max().unwrap_or(0);
    let widths: Vec<usize> =
        (0..count).map(|index| all.iter().filter_map(|row| row.get(index)).map(|cell| cell.chars().count()).max().unwrap_or(0)).collect();
    let mut text = String::new();
    for row in all {
        for (index, cell) in row.iter().enumerate() {
            text.push_str(cell);
            if index + 1 < row.len() {
                let width = (widths[index] + PADDING).max(MIN_WIDTH);
                text.extend(std::iter::repeat_n(' ', width - cell.chars().count()));
            }
        }
        text.push('\n');
    }
    text
}
