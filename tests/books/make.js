// Makes the .xlsb and .xls beside it: npm install xlsx@0.18.5, then node make.js. No Python package writes either.
const XLSX = require("xlsx");

const NAME = "客户基础信息表";
const ROWS = [["客户ID", "客户名称", "累计交易额（万元）"], ["C001", "某科技", 520], ["C002", "某制造", 1], ["C003", "某贸易", 2]];
const [REF, DIV0, NA] = [0x17, 0x07, 0x2a];

function save(file, bookType, rows, errors) {
  const sheet = XLSX.utils.aoa_to_sheet(rows);
  for (const [cell, v] of Object.entries(errors)) sheet[cell] = { t: "e", v };
  const book = XLSX.utils.book_new();
  XLSX.utils.book_append_sheet(book, sheet, NAME);
  XLSX.writeFile(book, file, { bookType, compression: true });
}

// A blank column between two cells makes SheetJS write whole cells, as Excel does; without one it leaves the column out.
const spaced = ROWS.map((row) => row.flatMap((cell) => [cell, null]));
save("errors.xlsb", "xlsb", spaced, { E3: DIV0, E4: NA, C4: REF });
save("errors.xls", "biff8", ROWS, { C3: DIV0, C4: NA, B4: REF });
save("short_cells.xlsb", "xlsb", ROWS.slice(0, 2), {});
