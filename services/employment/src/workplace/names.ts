import { findDivision, pathOf } from "@shouwang/regions";

/** Divisions of the first level by the two digits of their code (GB/T 2260), as people write them: without the ending. */
export const provinces: Readonly<Record<string, string>> = {
  ...{ 11: "北京", 12: "天津", 13: "河北", 14: "山西", 15: "内蒙古", 21: "辽宁", 22: "吉林", 23: "黑龙江" },
  ...{ 31: "上海", 32: "江苏", 33: "浙江", 34: "安徽", 35: "福建", 36: "江西", 37: "山东" },
  ...{ 41: "河南", 42: "湖北", 43: "湖南", 44: "广东", 45: "广西", 46: "海南" },
  ...{ 50: "重庆", 51: "四川", 52: "贵州", 53: "云南", 54: "西藏" },
  ...{ 61: "陕西", 62: "甘肃", 63: "青海", 64: "宁夏", 65: "新疆", 71: "台湾", 81: "香港", 82: "澳门" },
};

/** Cities of Guangdong, where most of those go who leave the region: what is said of where people work is by these. */
export const guangdongCities: Readonly<Record<string, string>> = {
  ...{ 4401: "广州", 4402: "韶关", 4403: "深圳", 4404: "珠海", 4405: "汕头", 4406: "佛山", 4407: "江门" },
  ...{ 4408: "湛江", 4409: "茂名", 4412: "肇庆", 4413: "惠州", 4414: "梅州", 4415: "汕尾", 4416: "河源" },
  ...{ 4417: "阳江", 4418: "清远", 4419: "东莞", 4420: "中山", 4451: "潮州", 4452: "揭阳", 4453: "云浮" },
};

/** Countries people of the region go to for work, by their ISO 3166 code. */
export const countries: Readonly<Record<string, string>> = {
  ...{ VN: "越南", LA: "老挝", KH: "柬埔寨", TH: "泰国", MM: "缅甸", MY: "马来西亚", SG: "新加坡", ID: "印度尼西亚" },
  ...{ PH: "菲律宾", BN: "文莱", JP: "日本", KR: "韩国", AE: "阿联酋", SA: "沙特", US: "美国", AU: "澳大利亚", RU: "俄罗斯" },
};

/** What a workplace is called: the county within the region, the city or province elsewhere as it is known, the country abroad; the code where no name is known. */
export function placeName(country: string, place: string | null): { zh: string; en: string } {
  if (country !== "CN" || place === null) return { zh: countries[country] ?? country, en: country };
  const own = place.startsWith("45") ? findDivision(place.padEnd(12, "0")) : undefined;
  if (own) return { zh: pathOf(own.code).join(""), en: place };
  const province = provinces[place.slice(0, 2)];
  return { zh: province === undefined ? place : `${province}${guangdongCities[place.slice(0, 4)] ?? ""}`, en: place };
}
